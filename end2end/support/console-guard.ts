// Fails a test on console errors and warnings, uncaught errors and failed requests that it did not allow.
import type { BrowserContext, ConsoleMessage, Request, WebError } from '@playwright/test';

/** Messages of the browser when a test takes the network or the server down. */
export const NETWORK_ERRORS = /net::ERR_(INTERNET_DISCONNECTED|CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE|NETWORK_CHANGED|SOCKET_NOT_CONNECTED)|WebSocket connection to .* failed/;

/** The message of the browser about an error status that the test expects. */
export function statusError(status: number): RegExp {
  return new RegExp(`the server responded with a status of ${status}\\b`);
}

/** Messages of a browser without JavaScript about scripts that it does not run. */
export const UNUSED_SCRIPTS = [/\.js csp$/, /\.wasm was preloaded using link preload but not used/];

/** Pages for visitors who are not signed in. */
const AUTH_PAGES = /^\/(sign-in|sign-up|forgot|reset|verify)\b/;

/** Whether this is a background request without the `lair-user` header, which names the user of the page. */
function lacksUserHeader(request: Request): boolean {
  const isBackground = request.resourceType() === 'fetch' && new URL(request.url()).pathname.startsWith('/do/');
  return isBackground && !request.headers()['lair-user'] && !AUTH_PAGES.test(new URL(request.frame().url()).pathname);
}

export class ConsoleGuard {
  private readonly lines: string[] = [];
  private readonly allowed: RegExp[] = [];
  private readonly detachers = new Map<BrowserContext, () => void>();

  /** Allows messages that the test provokes. */
  allow(...patterns: RegExp[]): void {
    this.allowed.push(...patterns);
  }

  attach(context: BrowserContext): void {
    const onConsole = (message: ConsoleMessage) => {
      // Violations of the content security policy are reported here too, as errors.
      if (['error', 'warning'].includes(message.type())) {
        this.lines.push(`console ${message.type()}: ${message.text()} (${message.location().url})`);
      }
    };
    const onError = (error: WebError) => this.lines.push(`uncaught: ${error.error().stack ?? error.error().message}`);
    const onFailed = (request: Request) => {
      const error = request.failure()?.errorText;
      // Aborted: the page was left before the response came. A missing file is reported as a console error.
      if (error !== 'net::ERR_ABORTED') this.lines.push(`request failed: ${request.method()} ${request.url()} ${error}`);
    };
    const onRequest = (request: Request) => {
      if (lacksUserHeader(request)) this.lines.push(`sends no lair-user header: ${request.url()}`);
    };
    context.on('request', onRequest);
    context.on('console', onConsole);
    context.on('weberror', onError);
    context.on('requestfailed', onFailed);
    this.detachers.set(context, () => {
      context.off('request', onRequest);
      context.off('console', onConsole);
      context.off('weberror', onError);
      context.off('requestfailed', onFailed);
    });
  }

  /** Stops listening before a context is closed: requests that closing aborts are no failures. */
  detach(context: BrowserContext): void {
    this.detachers.get(context)?.();
    this.detachers.delete(context);
  }

  violations(): string[] {
    return this.lines.filter((line) => !this.allowed.some((pattern) => pattern.test(line)));
  }
}
