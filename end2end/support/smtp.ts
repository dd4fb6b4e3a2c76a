// An SMTP server that receives the emails of the chat server for the tests.
import { once } from 'node:events';
import { type AddressInfo, type Server as Listener, createServer } from 'node:net';
import { createInterface } from 'node:readline';

export interface Email {
  to: string;
  subject: string;
  body: string;
  /** The link in it, if there is one. */
  link: string;
}

export class SmtpServer {
  private readonly emails: Email[] = [];

  private constructor(private readonly listener: Listener) {}

  static async start(): Promise<SmtpServer> {
    const listener = createServer();
    const smtp = new SmtpServer(listener);
    listener.on('connection', (socket) => {
      const reply = (text: string) => socket.write(`${text}\r\n`);
      let to = '';
      let text: string[] | undefined;
      socket.on('error', () => undefined);
      createInterface(socket).on('line', (line) => {
        if (text && line !== '.') {
          text.push(line);
        } else if (text) {
          smtp.emails.push(parse(to, text));
          text = undefined;
          reply('250 taken');
        } else if (line.startsWith('RCPT')) {
          to = /<(.*)>/.exec(line)?.[1] ?? '';
          reply('250 ok');
        } else if (line === 'DATA') {
          text = [];
          reply('354 go on');
        } else {
          reply(line.startsWith('EHLO') ? '250 8BITMIME' : line === 'QUIT' ? '221 bye' : '250 ok');
        }
      });
      reply('220 test server');
    });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return smtp;
  }

  get url(): string {
    return `smtp://127.0.0.1:${(this.listener.address() as AddressInfo).port}`;
  }

  /** The newest email to this address with this subject; use it with `expect.poll`. */
  find(to: string, subject: string): Email | undefined {
    return this.emails.findLast((email) => email.to === to && email.subject === subject);
  }

  close(): void {
    this.listener.close();
  }
}

function parse(to: string, lines: string[]): Email {
  const end = lines.indexOf('');
  const subject = lines.find((line) => line.startsWith('Subject: '))?.slice('Subject: '.length) ?? '';
  // Quoted-printable (RFC 2045, 6.7): a "=" at the end of a line is a soft line break.
  const quoted = lines.slice(end + 1).join('\n').replaceAll('=\n', '');
  const body = quoted.replace(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  return { to, subject, body, link: /https?:\/\/\S+/.exec(body)?.[0] ?? '' };
}
