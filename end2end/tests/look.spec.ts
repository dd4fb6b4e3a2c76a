import { PHONE } from '../support/browser';
import { type Chat, hydrated } from '../support/chat';
import { color, contrast } from '../support/color';
import { createNotification, notificationsLink } from '../support/notifications';
import { expect, test } from '../support/test';

const TELEPHONE = { viewport: PHONE, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

const box = async (locator: ReturnType<Chat['message']>): Promise<Box> => {
  const found = await locator.boundingBox();
  if (!found) throw new Error(`${locator} is not displayed.`);
  return found;
};
const right = ({ x, width }: Box) => x + width;
const bottom = ({ y, height }: Box) => y + height;

test('an unread room has a bold name and a quiet count; the accent is for notifications', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  const room = await ada.me.createRoom('Workshop');
  await bob.sendMany(await bob.lobby(), 3);
  await createNotification(ada.me);
  await ada.open(room);
  const link = ada.link('Lobby', 3);
  const count = link.locator('.unread-count');
  await expect(count).toHaveText('3 new');
  expect((await color(count, 'background-color')).alpha).toBe(0);
  const weight = (text: typeof count) => text.evaluate((element) => Number(getComputedStyle(element).fontWeight));
  expect(await weight(link.locator('.sidebar-link-name'))).toBeGreaterThanOrEqual(600);
  expect(await weight(count)).toBe(400);
  expect(await weight(ada.link('Workshop').locator('.sidebar-link-name'))).toBe(400);
  const badge = await notificationsLink(ada.page, 1).evaluate((element) => getComputedStyle(element, '::after').backgroundColor);
  const primary = ada.page.getByRole('button', { name: 'Send' });
  expect(badge).toBe(await primary.evaluate((element) => getComputedStyle(element).backgroundColor));
});

test('on a wide screen messages, rules, actions and composer share one column', async ({ users }) => {
  const ada = await users.newUser('Ada', { viewport: { width: 2560, height: 1300 } });
  const lobby = await ada.me.lobby();
  await ada.me.send(lobby, 'Good morning');
  await ada.open(lobby);
  await ada.message('Good morning').hover();
  const composer = await box(ada.page.locator('.composer'));
  const column = right(composer);
  expect(composer.width).toBeLessThanOrEqual(960);
  expect(right(await box(ada.message('Good morning').locator('.message-actions')))).toBeCloseTo(column, 0);
  const rule = ada.timeline.locator('.day-divider');
  const padding = await rule.evaluate((element) => Number.parseFloat(getComputedStyle(element).paddingInlineEnd));
  expect(right(await box(rule)) - padding).toBeCloseTo(column, 0);
  // The highlighted row ends a little beside the column, on both sides.
  const row = await box(ada.message('Good morning'));
  expect(right(row) - column).toBeCloseTo(composer.x - row.x, 0);
  expect(right(row) - column).toBeLessThanOrEqual(20);
});

test('messages of a group are further apart than the lines of one', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const lobby = await ada.me.lobby();
  await ada.me.send(lobby, 'One line,\nand another');
  await ada.me.send(lobby, 'The next message');
  await ada.open(lobby);
  const [first, second] = [await box(ada.bodies.nth(0)), await box(ada.bodies.nth(1))];
  expect(second.y - bottom(first)).toBeGreaterThanOrEqual(6);
});

test('table cells break between words, and a wide table scrolls by itself', async ({ users }) => {
  const ada = await users.newUser('Ada', TELEPHONE);
  const lobby = await ada.me.lobby();
  await ada.me.send(lobby, '| Screen | Settings | Preferences | Person | Amount |\n|---|:--|:-:|---|--:|\n| Room | Everything | Nothing | Benjamin | 1000 |');
  await ada.open(lobby);
  const table = ada.timeline.locator('table');
  const broken = await table.evaluate((table) =>
    [...table.querySelectorAll('th, td')].filter((cell) => {
      const range = document.createRange();
      range.selectNodeContents(cell);
      return range.getClientRects().length > 1;
    }).map((cell) => cell.textContent),
  );
  expect(broken).toEqual([]);
  expect(await table.evaluate((table) => table.scrollWidth - table.clientWidth)).toBeGreaterThan(0);
  expect(await ada.page.evaluate(() => document.documentElement.scrollWidth)).toBe(PHONE.width);
  const align = (text: string) => table.getByText(text, { exact: true }).evaluate((cell) => getComputedStyle(cell).textAlign);
  expect([await align('Everything'), await align('Nothing'), await align('1000')]).toEqual(['left', 'center', 'right']);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`fields have a border of enough contrast in the ${colorScheme} theme`, async ({ users, page }) => {
    const ada = await users.newUser('Ada', { colorScheme });
    const lobby = await ada.me.lobby();
    await ada.me.send(lobby, 'Good morning');
    const check = async (page: Chat['page'], selector: string, around: string) => {
      const fields = page.locator(selector);
      expect(await fields.count(), selector).toBeGreaterThan(0);
      for (const field of await fields.all()) {
        const [border, fill] = [await color(field, 'border-top-color'), await color(field, 'background-color')];
        const outside = await color(page.locator(around), 'background-color');
        expect(contrast(border, outside), `${selector} against the page`).toBeGreaterThanOrEqual(3);
        expect(contrast(border, fill), `${selector} against its fill`).toBeGreaterThanOrEqual(3);
        if (colorScheme === 'light') expect(fill, `${selector} is white`).toMatchObject({ red: 255, green: 255, blue: 255 });
      }
    };
    // Without transitions, so that no colour is read in the middle of one.
    await ada.page.emulateMedia({ reducedMotion: 'reduce' });
    await ada.open(lobby);
    await ada.composer.blur();
    await check(ada.page, '.composer', '.room-main');
    await ada.chooseAction('Good morning', 'Edit');
    await ada.page.getByRole('textbox', { name: 'Edit message' }).blur();
    await check(ada.page, '.edit-form textarea', '.room-main');
    for (const [path, fields] of [
      ['/rooms/new', '.field input'],
      ['/settings/preferences', '.field select'],
      ['/settings/profile', '.field input, .field select, textarea'],
      ['/people', 'input[type=search]'],
    ] as const) {
      await ada.page.goto(path);
      await hydrated(ada.page);
      await ada.page.evaluate(() => (document.activeElement as HTMLElement).blur());
      await check(ada.page, `main :is(${fields})`, 'main');
    }
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.goto('/sign-in');
    await hydrated(page);
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await check(page, '.auth-card .field input', '.auth-page');
  });
}

test('a select has one arrow, drawn by the stylesheet', async ({ users }) => {
  const ada = await users.newUser('Ada');
  await ada.page.goto('/settings/preferences');
  await hydrated(ada.page);
  const select = ada.page.getByRole('combobox').first();
  await expect(select).toHaveCSS('appearance', 'none');
  await expect(select).toHaveCSS('background-image', /^url\("data:image\/svg/);
  await expect(select).toHaveCSS('background-repeat', 'no-repeat');
});

test('on a touch screen the actions of a message are inside its row', async ({ users }) => {
  const ada = await users.newUser('Ada', TELEPHONE);
  const lobby = await ada.me.lobby();
  await ada.me.sendMany(lobby, 3);
  await ada.open(lobby);
  await ada.message('Line 2').tap();
  const actions = ada.message('Line 2').locator('.message-actions');
  await expect(actions).toHaveCSS('opacity', '1');
  const [row, inner] = [await box(ada.message('Line 2')), await box(actions)];
  expect(inner.y).toBeGreaterThanOrEqual(bottom(await box(ada.message('Line 2').locator('.prose'))));
  expect(bottom(inner)).toBeLessThanOrEqual(bottom(row));
  expect(bottom(row)).toBeLessThanOrEqual((await box(ada.message('Line 3'))).y);
});

test('on a touch screen the actions of a message longer than the screen are in view', async ({ users }) => {
  const ada = await users.newUser('Ada', TELEPHONE);
  const lobby = await ada.me.lobby();
  await ada.me.send(lobby, Array.from({ length: 60 }, (_, n) => `Line ${n} of many`).join('\n'));
  await ada.me.sendMany(lobby, 3);
  await ada.open(lobby);
  const long = ada.message('Line 30 of many');
  await long.evaluate((row) => row.scrollIntoView({ block: 'start' }));
  await long.tap({ position: { x: 150, y: 200 } });
  await expect(long.locator('.message-actions')).toBeInViewport({ ratio: 1 });
});

test('icons, avatars and counts grow with the text size', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const lobby = await ada.me.lobby();
  await ada.me.send(lobby, 'Good morning');
  await createNotification(ada.me);
  await ada.open(lobby);
  const sizes = async () => {
    const size = async (selector: string) => (await box(ada.page.locator(selector).first())).height;
    const badge = await notificationsLink(ada.page, 1).evaluate((link) => Number.parseFloat(getComputedStyle(link, '::after').height));
    return [await size('.sidebar-link .icon'), await size('.message .avatar'), await size('.sidebar-user .avatar'), badge];
  };
  const normal = await sizes();
  await ada.page.evaluate(() => document.documentElement.setAttribute('data-text-size', 'larger'));
  const larger = await sizes();
  expect(larger.map((size, index) => size / (normal[index] ?? 0))).toEqual(normal.map(() => expect.closeTo(1.25, 2)));
});

test('emoji are drawn in colour, digits by a text font', async ({ users }) => {
  const ada = await users.newUser('Ada');
  await ada.open(await ada.me.lobby());
  const colorful = (font: string, text: string) =>
    ada.page.evaluate(
      ({ font, text }) => {
        const context = new OffscreenCanvas(60, 60).getContext('2d', { willReadFrequently: true })!;
        context.font = `40px ${font || getComputedStyle(document.body).fontFamily}`;
        context.fillText(text, 5, 45);
        const { data } = context.getImageData(0, 0, 60, 60);
        const pixels = Array.from({ length: 60 * 60 }, (_, n) => [...data.subarray(4 * n, 4 * n + 3)]);
        return pixels.some((parts) => Math.max(...parts) - Math.min(...parts) > 60);
      },
      { font, text },
    );
  const has = (font: string) => colorful(`"${font}"`, '☕');
  const installed = (await has('Noto Color Emoji')) || (await has('Apple Color Emoji')) || (await has('Segoe UI Emoji'));
  test.skip(!installed, 'There is no emoji font.');
  // The first two also exist as outlines, in fonts that many systems have.
  for (const emoji of ['☕', '😀', '🔥', '👩🏽‍💻', '✊🏽', '🏴󠁧󠁢󠁥󠁮󠁧󠁿']) expect(await colorful('', emoji), emoji).toBe(true);
  // Emoji fonts have digits as well, each as wide as an emoji.
  const width = await ada.page.evaluate(() => {
    const context = new OffscreenCanvas(1, 1).getContext('2d')!;
    context.font = `40px ${getComputedStyle(document.body).fontFamily}`;
    return context.measureText('1234#').width / 5;
  });
  expect(width).toBeLessThan(32);
});

test('the numbers of lists are fully visible, beside the text', async ({ users }) => {
  const ada = await users.newUser('Ada', TELEPHONE);
  const lobby = await ada.me.lobby();
  const lists = ['114. one', '1986. A year', '123456789. x', '1990. loose\n\n1991. list', '9. nine\n9. ten', '1. item\n'.repeat(120)];
  for (const list of lists) await ada.me.send(lobby, list);
  await ada.open(lobby);
  const items = await ada.timeline.locator('.prose').evaluateAll((bodies) =>
    bodies.flatMap((body) =>
      [...body.querySelectorAll('ol')].flatMap((list) => {
        const context = new OffscreenCanvas(1, 1).getContext('2d')!;
        const { font, listStylePosition } = getComputedStyle(list);
        context.font = font;
        return [...list.children].map((item, index) => {
          const number = list.start + index;
          const text = document.createRange();
          text.selectNodeContents(item);
          // Of several lines the first: the text of a loose item is in a paragraph.
          const first = [...text.getClientRects()].find(({ width }) => width > 0) ?? new DOMRect();
          const space = listStylePosition === 'inside' ? first.left : item.getBoundingClientRect().left;
          return {
            number,
            fits: space - body.getBoundingClientRect().left >= context.measureText(`${number}.`).width,
            beside: first.top - item.getBoundingClientRect().top < 12,
          };
        });
      }),
    ),
  );
  expect(items.length).toBe(lists.length + 1 + 1 + 119);
  expect(items.filter(({ fits, beside }) => !fits || !beside)).toEqual([]);
});

test('bullets, numbers and quote bars are on the side where the text begins', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const lobby = await ada.me.lobby();
  for (const text of ['- قائمة\n- ثانية', '1. واحد\n2. اثنان', '> اقتباس', '- list\n- قائمة', '> quoted']) await ada.me.send(lobby, text);
  await ada.open(lobby);
  const style = (selector: string, index: number) =>
    ada.bodies.nth(index).locator(selector).first().evaluate((element) => {
      const { direction, paddingLeft, paddingRight, borderLeftWidth, borderRightWidth } = getComputedStyle(element);
      const px = Number.parseFloat;
      return { direction, left: px(paddingLeft), right: px(paddingRight), bars: [px(borderLeftWidth), px(borderRightWidth)] };
    });
  for (const [list, index] of [['ul', 0], ['ol', 1]] as const) {
    const { left, right } = await style(list, index);
    expect(left).toBe(0);
    expect(right).toBeGreaterThan(20);
    expect(await style('li', index)).toMatchObject({ direction: 'rtl' });
  }
  expect(await style('blockquote', 2)).toMatchObject({ left: 0, right: 12, bars: [0, 3] });
  // The marker of an item in the other direction has space on its side as well.
  const mixed = await style('ul', 3);
  expect(Math.min(mixed.left, mixed.right)).toBeGreaterThan(20);
  expect(await style('li:nth-child(2)', 3)).toMatchObject({ direction: 'rtl' });
  expect(await style('blockquote', 4)).toMatchObject({ left: 12, right: 0, bars: [3, 0] });
});

test('stacked accents do not leave their row, and focus rings are not cut off', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const lobby = await ada.me.lobby();
  await ada.me.send(lobby, 'The message above');
  await ada.me.send(lobby, `a${'\u0301\u0316'.repeat(44)} [link](https://example.org/)`);
  await ada.open(lobby);
  const link = ada.timeline.getByRole('link', { name: 'link' });
  await link.focus();
  const { clip, row, ring, overflow } = await link.evaluate((link) => {
    const rect = (element: Element) => {
      const { left, top, bottom } = element.getBoundingClientRect();
      return { left, top, bottom };
    };
    const body = link.closest('.message-body')!;
    const { outlineOffset, outlineWidth } = getComputedStyle(link);
    const reach = Number.parseFloat(outlineOffset) + Number.parseFloat(outlineWidth);
    const { top, bottom } = rect(link);
    return { clip: rect(body), row: rect(link.closest('article')!), ring: { top: top - reach, bottom: bottom + reach }, overflow: getComputedStyle(body).overflow };
  });
  expect(overflow).toBe('clip');
  // Up to one pixel, the neighbours' padding, beyond the row.
  expect(clip.top).toBeGreaterThanOrEqual(row.top - 1);
  expect(clip.bottom).toBeLessThanOrEqual(row.bottom + 1);
  expect(ring.top).toBeGreaterThanOrEqual(clip.top);
  expect(ring.bottom).toBeLessThanOrEqual(clip.bottom);
});

test('copied messages are their words, a line each, below the name of their author', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  const lobby = await ada.me.lobby();
  await ada.me.send(lobby, 'From **Ada**');
  await bob.send(lobby, 'First of Bob');
  await bob.edit(await bob.send(lobby, 'Secnod'), 'Second');
  await ada.me.send(lobby, 'The last');
  await ada.open(lobby);
  const selected = async (from: string, to: string) => {
    const [start, end] = [await box(ada.message(from).locator('.prose')), await box(ada.message(to).locator('.prose'))];
    await ada.page.mouse.move(start.x + 1, start.y + start.height / 2);
    await ada.page.mouse.down();
    await ada.page.mouse.move(end.x + 200, end.y + end.height / 2, { steps: 5 });
    await ada.page.mouse.up();
    return (await ada.page.evaluate(() => getSelection()!.toString())).trimEnd().replace(/\d\d:\d\d/g, '00:00').split('\n');
  };
  expect(await selected('First of Bob', 'Second')).toEqual(['First of Bob', 'Second']);
  expect(await selected('From Ada', 'The last')).toEqual(['From Ada', 'Bob 00:00', 'First of Bob', 'Second', 'Ada 00:00', 'The last']);
});

test('an invitation is accepted or declined with two buttons in one row', async ({ users }) => {
  const ada = await users.newUser('Ada', TELEPHONE);
  const bob = await users.signUp('Bob');
  const room = await bob.createRoom('Workshop', { visibility: 'private' });
  await bob.request('POST', `/rooms/${room.id}/invitations`, { user_id: ada.me.id });
  await ada.page.goto('/notifications');
  await hydrated(ada.page);
  const [accept, decline] = [await box(ada.page.getByRole('button', { name: 'Accept Workshop' })), await box(ada.page.getByRole('button', { name: 'Decline Workshop' }))];
  expect(decline.y).toBe(accept.y);
  expect(right(accept)).toBeLessThan(decline.x);
});
