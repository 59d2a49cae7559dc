// What happens later: a heap of events, ordered by time and then by the order in which they were put in.

export type Event = { readonly at: number; readonly order: number; readonly run: () => void };
export type Queue = { readonly heap: Event[]; put: number };

export function emptyQueue(): Queue {
  return { heap: [], put: 0 };
}

function before(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

export function put(queue: Queue, at: number, run: () => void): void {
  const { heap } = queue;
  const event = { at, order: queue.put++, run };
  let hole = heap.length;
  heap.push(event);
  while (hole > 0) {
    const parent = (hole - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || !before(event, above)) break;
    heap[hole] = above;
    hole = parent;
  }
  heap[hole] = event;
}

export function take(queue: Queue): Event | undefined {
  const { heap } = queue;
  const first = heap[0];
  const last = heap.pop();
  if (last !== undefined && heap.length > 0) sink(heap, last);
  return first;
}

function sink(heap: Event[], event: Event): void {
  let hole = 0;
  for (;;) {
    const child = smallerChild(heap, hole);
    const below = heap[child];
    if (below === undefined || !before(below, event)) break;
    heap[hole] = below;
    hole = child;
  }
  heap[hole] = event;
}

function smallerChild(heap: readonly Event[], hole: number): number {
  const left = 2 * hole + 1;
  const [a, b] = [heap[left], heap[left + 1]];
  return a !== undefined && b !== undefined && before(b, a) ? left + 1 : left;
}
