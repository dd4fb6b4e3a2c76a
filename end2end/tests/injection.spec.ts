import type { Chat } from '../support/chat';
import { ready } from '../support/chat';
import { expect, test } from '../support/test';

const ATTACKS = [
  '<script>window.stung = "script"</script>',
  '<img src=x onerror="window.stung = \'image\'">',
  '<svg onload="window.stung = \'svg\'"></svg>',
  '[click](javascript:window.stung="link")',
  '[click](data:text/html,<script>window.stung=1</script>)',
  '<a href="javascript:window.stung=1">click</a>',
  '<iframe srcdoc="<script>parent.stung=1</script>"></iframe>',
  '![picture](https://example.org/track.png)',
  '<style>body { display: none }</style>',
  '<form action="https://example.org/"><input name="password"><button>Sign in</button></form>',
  '</textarea></article></main><h1>Not ours</h1>',
  '"><b onmouseover=window.stung=1>bold</b>',
  '```"><script>window.stung=1</script>\ncode\n```',
  '<https://example.org/"onmouseover="window.stung=1>',
];
const NAME = '<img src=x onerror=stung=1>';

async function unharmed(chat: Chat): Promise<void> {
  expect(await chat.page.evaluate(() => (window as { stung?: unknown }).stung)).toBeUndefined();
  const found = await chat.timeline.evaluate((log) => {
    const forbidden = log.querySelectorAll('.prose :is(script, img, svg, iframe, style, form, input, button, object, embed, link, meta)');
    const handlers = [...log.querySelectorAll('*')].flatMap((element) => [...element.attributes]).filter(({ name }) => /^on|^style$/.test(name));
    const links = [...log.querySelectorAll('.prose a')].map((link) => link.getAttribute('href') ?? '').filter((href) => !/^(https?:|mailto:)/.test(href));
    return { forbidden: [...forbidden].map((element) => element.outerHTML), handlers: handlers.map(({ name }) => name), links: links.filter(Boolean) };
  });
  expect(found).toEqual({ forbidden: [], handlers: [], links: [] });
  await expect(chat.title).toHaveCount(1);
  await expect(chat.composer).toBeVisible();
}

test('what people write is never run: in messages, live and rendered', async ({ people }) => {
  const ada = await people.arrive('Ada');
  const bob = await people.arrive('Bob');
  const lobby = await ada.me.lobby();
  await ada.open(lobby);
  await bob.open(lobby);
  for (const attack of ATTACKS) await ada.say(attack);
  await expect(bob.rows).toHaveCount(ATTACKS.length);
  await expect(ada.waiting).toHaveCount(0);
  for (const chat of [ada, bob]) {
    await unharmed(chat);
    await chat.page.reload();
    await ready(chat.page);
    await unharmed(chat);
  }
  expect((await bob.me.messages(lobby)).map((message) => message.body)).toEqual(ATTACKS);
});

test('what people call themselves and their rooms is shown as they wrote it', async ({ people, server }) => {
  const ada = await people.arrive('Ada');
  const { Person } = await import('../support/person');
  const mallory = await Person.signUp(server, 'mallory', NAME);
  const room = await mallory.makeRoom(NAME, { topic: '</p><script>window.stung=1</script>' });
  await mallory.say(room, 'Welcome');
  await ada.page.goto('/rooms');
  await ready(ada.page);
  await ada.page.getByRole('button', { name: `Join ${NAME}` }).click();
  await expect(ada.title).toHaveText(NAME);
  await ada.shows(['Welcome']);
  await expect(ada.message('Welcome')).toContainText(NAME);
  await unharmed(ada);
  await ada.page.goto(`/rooms/${room.id}/members`);
  await ready(ada.page);
  await expect(ada.page.getByRole('complementary')).toContainText(NAME);
  await unharmed(ada);
});
