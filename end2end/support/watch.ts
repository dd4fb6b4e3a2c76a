// A page that works has nothing to say in the console. Whatever it does say fails the test.
import type { BrowserContext, ConsoleMessage, Request, WebError } from '@playwright/test';

/** What a browser says by itself when a test takes the network or the server away. */
export const GONE = /net::ERR_(INTERNET_DISCONNECTED|CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE|NETWORK_CHANGED|SOCKET_NOT_CONNECTED)|WebSocket connection to .* failed/;

/** What a browser says by itself about an answer that the test asked for. */
export function answered(status: number): RegExp {
  return new RegExp(`the server responded with a status of ${status}\\b`);
}

/** What a browser without JavaScript says by itself about the scripts that it leaves alone. */
export const UNUSED = [/\.js csp$/, /\.wasm was preloaded using link preload but not used/];

/** Pages that are drawn for who is not signed in. */
const DOORS = /^\/(sign-in|sign-up|forgot|reset|verify)\b/;

/** Whether a page asks for something in the background and does not say whose page it is. */
function hidesItsUser(request: Request): boolean {
  const asks = request.resourceType() === 'fetch' && new URL(request.url()).pathname.startsWith('/do/');
  return asks && !request.headers()['lair-user'] && !DOORS.test(new URL(request.frame().url()).pathname);
}

export class Watch {
  private readonly heard: string[] = [];
  private readonly allowed: RegExp[] = [];
  private readonly watched = new Map<BrowserContext, () => void>();

  /** Lets pass what the test itself provokes. */
  allow(...patterns: RegExp[]): void {
    this.allowed.push(...patterns);
  }

  over(context: BrowserContext): void {
    const onConsole = (message: ConsoleMessage) => {
      // Violations of the content security policy arrive here too, as errors.
      if (['error', 'warning'].includes(message.type())) {
        this.heard.push(`console ${message.type()}: ${message.text()} (${message.location().url})`);
      }
    };
    const onError = (error: WebError) => this.heard.push(`uncaught: ${error.error().stack ?? error.error().message}`);
    const onFailed = (request: Request) => {
      const error = request.failure()?.errorText;
      // Aborted: the page went elsewhere and nobody waits for the answer any more. A file that is missing is told as an error.
      if (error !== 'net::ERR_ABORTED') this.heard.push(`request failed: ${request.method()} ${request.url()} ${error}`);
    };
    const onRequest = (request: Request) => {
      if (hidesItsUser(request)) this.heard.push(`does not say whose page it is: ${request.url()}`);
    };
    context.on('request', onRequest);
    context.on('console', onConsole);
    context.on('weberror', onError);
    context.on('requestfailed', onFailed);
    this.watched.set(context, () => {
      context.off('request', onRequest);
      context.off('console', onConsole);
      context.off('weberror', onError);
      context.off('requestfailed', onFailed);
    });
  }

  /** Closing a page ends what is on its way; that is no failure. */
  leave(context: BrowserContext): void {
    this.watched.get(context)?.();
    this.watched.delete(context);
  }

  complaints(): string[] {
    return this.heard.filter((line) => !this.allowed.some((pattern) => pattern.test(line)));
  }
}
