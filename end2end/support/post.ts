// A mail server: it holds the SMTP conversation with the chat server, and hands over what arrived.
import { once } from 'node:events';
import { type AddressInfo, type Server as Listener, createServer } from 'node:net';
import { createInterface } from 'node:readline';

export interface Letter {
  to: string;
  subject: string;
  body: string;
  /** The link in it, if there is one. */
  link: string;
}

export class PostOffice {
  private readonly letters: Letter[] = [];

  private constructor(private readonly listener: Listener) {}

  static async open(): Promise<PostOffice> {
    const listener = createServer();
    const office = new PostOffice(listener);
    listener.on('connection', (socket) => {
      const say = (text: string) => socket.write(`${text}\r\n`);
      let to = '';
      let text: string[] | undefined;
      socket.on('error', () => undefined);
      createInterface(socket).on('line', (line) => {
        if (text && line !== '.') {
          text.push(line);
        } else if (text) {
          office.letters.push(read(to, text));
          text = undefined;
          say('250 taken');
        } else if (line.startsWith('RCPT')) {
          to = /<(.*)>/.exec(line)?.[1] ?? '';
          say('250 ok');
        } else if (line === 'DATA') {
          text = [];
          say('354 go on');
        } else {
          say(line.startsWith('EHLO') ? '250 8BITMIME' : line === 'QUIT' ? '221 bye' : '250 ok');
        }
      });
      say('220 post office');
    });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return office;
  }

  get url(): string {
    return `smtp://127.0.0.1:${(this.listener.address() as AddressInfo).port}`;
  }

  /** The newest letter to someone with this subject; use it with `expect.poll`. */
  find(to: string, subject: string): Letter | undefined {
    return this.letters.findLast((letter) => letter.to === to && letter.subject === subject);
  }

  close(): void {
    this.listener.close();
  }
}

function read(to: string, lines: string[]): Letter {
  const end = lines.indexOf('');
  const subject = lines.find((line) => line.startsWith('Subject: '))?.slice('Subject: '.length) ?? '';
  // Quoted-printable (RFC 2045, 6.7), whose long lines go on after a "=".
  const quoted = lines.slice(end + 1).join('\n').replaceAll('=\n', '');
  const body = quoted.replace(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  return { to, subject, body, link: /https?:\/\/\S+/.exec(body)?.[0] ?? '' };
}
