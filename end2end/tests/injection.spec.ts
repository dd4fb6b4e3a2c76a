import type { Chat } from '../support/chat';
import { ready } from '../support/chat';
import { expect, test } from '../support/test';

const ATTACKS = [
  '<script>window.injected = "script"</script>',
  '<img src=x onerror="window.injected = \'image\'">',
  '<svg onload="window.injected = \'svg\'"></svg>',
  '[click](javascript:window.injected="link")',
  '[click](data:text/html,<script>window.injected=1</script>)',
  '<a href="javascript:window.injected=1">click</a>',
  '<iframe srcdoc="<script>parent.injected=1</script>"></iframe>',
  '![picture](https://example.org/track.png)',
  '<style>body { display: none }</style>',
  '<form action="https://example.org/"><input name="password"><button>Sign in</button></form>',
  '</textarea></article></main><h1>Not ours</h1>',
  '"><b onmouseover=window.injected=1>bold</b>',
  '```"><script>window.injected=1</script>\ncode\n```',
  '<https://example.org/"onmouseover="window.injected=1>',
];
const NAME = '<img src=x onerror=injected=1>';

async function expectNoInjection(chat: Chat): Promise<void> {
  expect(await chat.page.evaluate(() => (window as { injected?: unknown }).injected)).toBeUndefined();
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

test('message content never runs as script, live and server-rendered', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.newUser('Bob');
  const lobby = await ada.me.lobby();
  await ada.open(lobby);
  await bob.open(lobby);
  for (const attack of ATTACKS) await ada.send(attack);
  await expect(bob.rows).toHaveCount(ATTACKS.length);
  await expect(ada.pending).toHaveCount(0);
  for (const chat of [ada, bob]) {
    await expectNoInjection(chat);
    await chat.page.reload();
    await ready(chat.page);
    await expectNoInjection(chat);
  }
  expect((await bob.me.messages(lobby)).map((message) => message.body)).toEqual(ATTACKS);
});

test('display names and room names are shown as plain text', async ({ users, server }) => {
  const ada = await users.newUser('Ada');
  const { ApiUser } = await import('../support/user');
  const mallory = await ApiUser.signUp(server, 'mallory', NAME);
  const room = await mallory.createRoom(NAME, { topic: '</p><script>window.injected=1</script>' });
  await mallory.send(room, 'Welcome');
  await ada.page.goto('/rooms');
  await ready(ada.page);
  await ada.page.getByRole('button', { name: `Join ${NAME}` }).click();
  await expect(ada.title).toHaveText(NAME);
  await ada.expectMessages(['Welcome']);
  await expect(ada.message('Welcome')).toContainText(NAME);
  await expectNoInjection(ada);
  await ada.page.goto(`/rooms/${room.id}/members`);
  await ready(ada.page);
  await expect(ada.page.getByRole('complementary')).toContainText(NAME);
  await expectNoInjection(ada);
});
