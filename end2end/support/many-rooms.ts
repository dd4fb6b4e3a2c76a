// A user with many rooms.
import type { ApiUser, Room } from './user';

/** Creates rooms `Project 001` and so on; returns them, and each by its number. */
export async function createRooms(user: ApiUser, count: number): Promise<{ rooms: Room[]; project: (n: number) => Room }> {
  const rooms: Room[] = [];
  for (let n = 1; n <= count; n += 1) rooms.push(await user.createRoom(`Project ${String(n).padStart(3, '0')}`));
  const project = (n: number) => {
    const room = rooms[n - 1];
    if (!room) throw new Error(`There is no room ${n}.`);
    return room;
  };
  return { rooms, project };
}
