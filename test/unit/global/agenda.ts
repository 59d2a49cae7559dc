// What is to happen, by its time; what has the same time, in the order in which it was said. A heap: the earliest is first.

type Event = { readonly at: number; readonly n: number; readonly work: () => void };

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.n < b.n);
}

export class Agenda {
  private readonly heap: Event[] = [];
  private n = 0;

  add(at: number, work: () => void): void {
    const event = { at, n: this.n++, work };
    let place = this.heap.length;
    for (let up = (place - 1) >> 1; place > 0; up = (place - 1) >> 1) {
      const above = this.heap[up];
      if (above === undefined || !isBefore(event, above)) break;
      this.heap[place] = above;
      place = up;
    }
    this.heap[place] = event;
  }

  next(): Event | undefined {
    const [first] = this.heap;
    const last = this.heap.pop();
    if (first !== undefined && last !== undefined && this.heap.length > 0) this.sink(last);
    return first;
  }

  private sink(event: Event): void {
    let at = 0;
    for (let below = this.earlierBelow(at); below !== undefined; below = this.earlierBelow(at)) {
      const child = this.heap[below];
      if (child === undefined || !isBefore(child, event)) break;
      this.heap[at] = child;
      at = below;
    }
    this.heap[at] = event;
  }

  private earlierBelow(at: number): number | undefined {
    const [left, right] = [this.heap[2 * at + 1], this.heap[2 * at + 2]];
    if (left === undefined) return undefined;
    return right !== undefined && isBefore(right, left) ? 2 * at + 2 : 2 * at + 1;
  }
}
