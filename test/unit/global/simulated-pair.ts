// Two sites and three witnesses made of data: the rules of the pair, played against lost and late messages, clocks that do not
// run alike, cuts, crashes, pauses, and a person who brings sites back. One seed is one history.
import type { Facts, Step } from '../../../global/rules/facts.ts';
import { ask, blank, started, type Answer, type Keeper, type Request } from '../../../global/rules/keeper.ts';
import { mayPromote } from '../../../global/rules/return.ts';
import { isCounted, nextLookMs } from '../../../global/rules/rhythm.ts';
import { begins, tick } from '../../../global/rules/tick.ts';
import { goneMs, isOutbid, isTooLate, nextEpoch } from '../../../global/rules/votes.ts';
import { otherSite, siteNames, type SiteName } from '../../../global/site-name.ts';
import { Agenda } from './agenda.ts';
import { between, chance, pick, seeded, type Random } from '../../simulation/random.ts';
import { askMs, drift, failover, keeperNames, leaseMs, rules, witnessNames, type End, type Node, type Rules, type Site, type Tally } from './simulated-terms.ts'; // prettier-ignore

export function play(seed: number, seconds: number, used: Rules = rules): End {
  const world = new World(seed, used);
  world.faults(seconds * 0.8);
  world.run(seconds * 1000);
  return { violation: world.violation, served: world.isServing(), tally: world.tally };
}

class World {
  now = 0;
  violation: string | undefined;
  readonly tally: Tally = { promotions: 0, openings: 0, cuts: 0, crashes: 0, switchovers: 0, failovers: 0, rejoins: 0 };
  private readonly random: Random;
  private readonly used: Rules;
  private readonly queue = new Agenda();
  private n = 0;
  private readonly rates = new Map<Node, number>();
  private readonly keepers = new Map<Node, Keeper>();
  private readonly cut = new Set<string>();
  private readonly deaf = new Set<Node>();
  private readonly sites: Record<SiteName, Site>;
  private loss = 0.02;
  /** Nothing is held up any more, nothing comes late. */
  private calm = false;

  constructor(seed: number, used: Rules) {
    this.random = seeded(seed);
    this.used = used;
    for (const name of keeperNames) {
      this.rates.set(name, 1 + (between(this.random, -1000, 1000) / 1000) * drift);
      this.keepers.set(name, started(blank, 0));
    }
    const mine = { epoch: 0, begun: 0, followed: 0, failures: 0 };
    const site = (name: SiteName, asStandby: boolean): Site => ({ name, on: true, boot: 0, server: asStandby ? 'standby' : 'primary', asStandby, timeline: 1, mine, openUntil: 0, busy: false, working: false }); // prettier-ignore
    this.sites = { first: site('first', false), second: site('second', true) };
    for (const name of siteNames) this.watch(this.sites[name]);
  }

  run(untilMs: number): void {
    for (let next = this.queue.next(); next !== undefined && this.violation === undefined; next = this.queue.next()) {
      if (next.at > untilMs) return;
      this.now = next.at;
      next.work();
    }
  }

  isServing(): boolean {
    return siteNames.some((name) => this.sites[name].openUntil > this.now);
  }

  private at(at: number, work: () => void): void {
    this.queue.add(at, work);
  }

  private clock(node: Node): number {
    return this.now * (this.rates.get(node) ?? 1);
  }

  /** How long that many milliseconds of a node's clock are in truth. */
  private truly(node: Node, ms: number): number {
    return ms / (this.rates.get(node) ?? 1);
  }

  private linked(a: Node, b: Node): boolean {
    return a === b || !(this.cut.has(`${a} ${b}`) || this.cut.has(`${b} ${a}`));
  }

  /** A process of a site: a list of waits, in true milliseconds. It dies with its host. */
  private go(site: Site, process: Generator<number, void, void>): void {
    const { boot } = site;
    const on = (): void => {
      if (site.boot !== boot || !site.on) return;
      const step = process.next();
      if (step.done !== true) this.at(this.now + step.value, on);
    };
    this.at(this.now, on);
  }

  private watch(site: Site): void {
    this.go(site, this.watching(site));
  }

  private *watching(site: Site): Generator<number, void, void> {
    let countedMs = -Infinity;
    for (;;) {
      const beganMs = this.clock(site.name);
      if (!site.busy) {
        site.working = true;
        const facts = yield* this.look(site);
        const looks = { beganMs, countedMs };
        const counted = isCounted(failover, looks);
        if (counted) countedMs = looks.beganMs;
        const { steps } = tick(facts, counted);
        yield* this.actAll(this.variant(steps), site);
        site.working = false;
        const next = nextLookMs(failover, { facts, steps }, { beganMs, countedMs, guarded: true });
        yield Math.max(10, this.truly(site.name, next - this.clock(site.name)));
      } else yield 100;
    }
  }

  /** The rules that say how an epoch is begun are a part of the table: exchanged in its steps. */
  private variant(steps: readonly Step[]): readonly Step[] {
    const take = steps.find((step) => step.do === 'take');
    if (take === undefined || this.used.begins === begins) return steps;
    const rest = steps.slice(steps.indexOf(take) + 2);
    return [...this.used.begins(take.epoch), ...rest];
  }

  private *look(site: Site): Generator<number, Facts, void> {
    const { name } = site;
    const other = this.sites[otherSite(name)];
    const answers = yield* this.askAll(site, { what: 'look', epoch: 0, attempt: '' });
    // The other's database answers, or it does not: that takes its time.
    yield between(this.random, 1, 20);
    const answering = this.answers(site, other);
    if (!answering) yield between(this.random, 1, 800);
    return {
      site: name,
      hosts: { first: 'first', second: 'second' },
      server: site.server,
      timeline: site.timeline,
      systemId: '1',
      streams: site.server === 'standby' && answering && other.server === 'primary',
      startsAs: site.asStandby ? 'standby' : 'primary',
      other: answering
        ? {
            answers: true,
            inRecovery: other.server === 'standby',
            timeline: other.timeline,
            systemId: '1',
            position: 0n,
          }
        : { answers: false, because: 'no answer' },
      mine: site.mine,
      views: answers,
      gate: site.openUntil > this.now ? 'open' : 'closed',
      limit: failover.failures,
      passfile: 'private',
    };
  }

  private answers(site: Site, other: Site): boolean {
    const up = other.on && (other.server === 'primary' || other.server === 'standby');
    return up && this.linked(site.name, other.name) && !chance(this.random, this.loss);
  }

  private *askAll(site: Site, asked: Pick<Request, 'what' | 'epoch' | 'attempt'>) {
    const request: Request = { site: site.name, leaseMs, ...asked };
    const answers = new Map<Node, Answer>();
    const { boot } = site;
    for (const keeper of keeperNames) this.send(site, keeper, { request, tell: (answer) => { if (site.boot === boot) answers.set(keeper, answer); } }); // prettier-ignore
    const end = this.now + this.truly(site.name, askMs);
    while (this.now < end && answers.size < keeperNames.length) yield Math.min(10, Math.max(1, end - this.now));
    const taken = new Map(answers); // what comes later is not heard
    return { own: taken.get(site.name), other: taken.get(otherSite(site.name)), witnesses: witnessNames.map((name) => taken.get(name)) }; // prettier-ignore
  }

  private send(site: Site, to: Node, { request, tell }: { request: Request; tell: (answer: Answer) => void }): void {
    const lost = () => !this.linked(site.name, to) || (to !== site.name && chance(this.random, this.loss));
    const late = (): number =>
      chance(this.random, 0.02) ? between(this.random, 100, 4000) : between(this.random, 0, 30);
    // A connection is made first, and the keeper gives out a number; then the request comes.
    const [connected, underWay] = [late(), late()];
    if (lost() || connected > this.truly(site.name, askMs)) return;
    this.at(this.now + connected + underWay, () => {
      if (isTooLate(underWay * (this.rates.get(to) ?? 1), leaseMs)) return;
      const keeper = this.keepers.get(to);
      const host = siteNames.find((name) => name === to);
      if (keeper === undefined || this.deaf.has(to) || (host !== undefined && !this.sites[host].on)) return;
      const { keeper: next, answer } = ask(keeper, request, this.clock(to));
      this.keepers.set(to, next);
      if (!lost()) this.at(this.now + late(), () => tell(answer));
    });
  }

  private *actAll(steps: readonly Step[], site: Site): Generator<number, boolean, void> {
    for (const step of steps) {
      // A program may be held up between any two steps.
      yield !this.calm && chance(this.random, 0.03) ? between(this.random, 100, 5000) : between(this.random, 0, 20);
      if (!(yield* this.act(step, site))) return false;
    }
    return true;
  }

  private *act(step: Step, site: Site): Generator<number, boolean, void> {
    switch (step.do) {
      case 'close gate':
        site.openUntil = 0;
        return true;
      case 'hold':
        return yield* this.hold(step.epoch, site);
      case 'take':
        return yield* this.take(step.epoch, site);
      case 'yield':
        yield* this.yielded(step.epoch, site);
        return true;
      case 'remember':
        site.mine = { ...site.mine, ...step.mine };
        return true;
      case 'promote':
        yield chance(this.random, 0.5) ? 10 : between(this.random, 100, 1500);
        if (site.server !== 'standby') return false;
        this.tally.promotions += 1;
        site.timeline = 1 + Math.max(this.sites.first.timeline, this.sites.second.timeline);
        site.server = 'primary';
        site.asStandby = false;
        return true;
      case 'wait':
        yield this.truly(site.name, step.ms);
        return true;
      case 'stop server':
        site.server = 'stopped';
        return true;
      default:
        return true;
    }
  }

  private *yielded(epoch: number, site: Site): Generator<number, void, void> {
    const { own, other, witnesses } = yield* this.askAll(site, { what: 'yield', epoch, attempt: '' });
    if (![own, other, ...witnesses].every(Boolean)) yield this.truly(site.name, goneMs(leaseMs) - askMs);
  }

  private *hold(epoch: number, site: Site): Generator<number, boolean, void> {
    const asked = this.clock(site.name);
    const { own, other, witnesses } = yield* this.askAll(site, { what: 'hold', epoch, attempt: '' });
    const yes = (answer: Answer | undefined): boolean => answer?.granted === true;
    if (!this.used.mayGoOn({ own: yes(own), other: yes(other), witnesses: witnesses.map(yes) })) return false;
    const forMs = asked + this.used.usableMs(leaseMs) - this.clock(site.name);
    if (forMs < 50) return false;
    // The kernel is told a little later; what takes longer is noticed, and taken back.
    yield this.truly(site.name, chance(this.random, 0.1) ? forMs / 6 : 5);
    this.open(site, forMs);
    return true;
  }

  private open(site: Site, forMs: number): void {
    site.openUntil = this.now + this.truly(site.name, forMs);
    this.tally.openings += 1;
    const other = this.sites[otherSite(site.name)];
    if (other.openUntil > this.now && other.on)
      this.violation = `both gates are open at ${Math.round(this.now)} ms: ${site.name} (epoch ${site.mine.epoch}) and ${other.name} (epoch ${other.mine.epoch}, ${Math.round(other.openUntil - this.now)} ms longer)`; // prettier-ignore
  }

  private *take(epoch: number, site: Site): Generator<number, boolean, void> {
    const attempt = `${site.name} ${this.n++}`;
    const { own, witnesses } = yield* this.askAll(site, { what: 'take', epoch, attempt });
    const yes = (answer: Answer | undefined): boolean => answer?.granted === true;
    if (this.used.mayBegin({ own: yes(own), other: false, witnesses: witnesses.map(yes) })) return true;
    yield* this.askAll(site, { what: 'back', epoch, attempt });
    return false;
  }

  /** Until then faults begin; each ends after a while. */
  faults(seconds: number): void {
    for (let at = 5000; at < seconds * 1000; at += between(this.random, 200, 9000)) this.at(at, () => this.fault(at, seconds * 1000)); // prettier-ignore
    this.at(seconds * 1000, () => {
      this.loss = 0;
      this.calm = true;
      this.cut.clear();
      this.deaf.clear();
      for (const name of siteNames) this.powerOn(this.sites[name]);
    });
    for (let at = 2000; at < seconds * 1000 + 30_000; at += 1000) this.at(at, () => this.person());
  }

  private fault(at: number, end: number): void {
    const until = Math.min(end, at + between(this.random, 200, 20_000));
    const kind = between(this.random, 0, 10);
    if (kind === 10) keeperNames.forEach((name) => this.restartKeeper(name, at + between(this.random, 50, 400)));
    else if (kind <= 3) this.cutOff(until);
    else if (kind === 4) this.isolate(pick(this.random, siteNames), until);
    else if (kind === 5) this.crash(pick(this.random, siteNames), until);
    else if (kind === 6) this.restartKeeper(pick(this.random, keeperNames), until);
    else if (kind === 7) this.hang(pick(this.random, siteNames), until);
    else if (kind === 8) this.switchover();
    else this.lossy(until);
  }

  private cutOff(until: number): void {
    const [a, b] = [pick(this.random, siteNames), pick(this.random, keeperNames)];
    if (a === b) return;
    this.tally.cuts += 1;
    this.cut.add(`${a} ${b}`);
    this.at(until, () => this.cut.delete(`${a} ${b}`));
  }

  private isolate(site: SiteName, until: number): void {
    this.tally.cuts += 1;
    const all = keeperNames.filter((name) => name !== site).map((name) => `${site} ${name}`);
    for (const link of all) this.cut.add(link);
    this.at(until, () => all.forEach((link) => this.cut.delete(link)));
  }

  private lossy(until: number): void {
    this.loss = 0.4;
    this.at(until, () => (this.loss = Math.min(this.loss, 0.02)));
  }

  private crash(name: SiteName, until: number): void {
    const site = this.sites[name];
    if (!site.on) return;
    this.tally.crashes += 1;
    site.on = false;
    site.boot += 1;
    site.openUntil = 0;
    this.at(until, () => this.powerOn(site));
  }

  private powerOn(site: Site): void {
    if (site.on) return;
    const keeper = this.keepers.get(site.name);
    if (keeper !== undefined) this.keepers.set(site.name, this.used.started(keeper.memory, this.clock(site.name)));
    site.on = true;
    site.busy = false;
    site.working = false;
    // The worst that an administrator may have configured: what was a primary starts as one.
    if (site.server !== 'stopped') site.server = site.asStandby ? 'standby' : 'primary';
    this.watch(site);
  }

  private restartKeeper(name: Node, until: number): void {
    this.deaf.add(name);
    this.at(until, () => {
      const keeper = this.keepers.get(name);
      if (keeper !== undefined) this.keepers.set(name, this.used.started(keeper.memory, this.clock(name)));
      this.deaf.delete(name);
    });
  }

  private hang(name: SiteName, until: number): void {
    const site = this.sites[name];
    const { server } = site;
    if (server !== 'primary') return;
    site.server = 'hung';
    this.at(until, () => (site.server = site.server === 'hung' ? server : site.server));
  }

  private person(): void {
    for (const name of siteNames) {
      const [site, other] = [this.sites[name], this.sites[otherSite(name)]];
      if (site.on && site.server === 'stopped' && !site.busy && chance(this.random, 0.25)) this.bringBack(site, other);
    }
    this.personAtSwitchover();
    this.personAtFailover();
  }

  /** Nobody serves: a person says so at a standby, which may be the first site. */
  private personAtFailover(): void {
    if (this.isServing()) return;
    for (const name of siteNames) {
      const site = this.sites[name];
      if (site.on && site.server === 'standby' && !site.busy && chance(this.random, 0.1)) this.go(site, this.failover(site)); // prettier-ignore
    }
  }

  private *failover(site: Site): Generator<number, void, void> {
    site.busy = true;
    yield* this.alone(site);
    const facts = yield* this.look(site);
    if (mayPromote(facts, { received: 0n, acceptLoss: false }) === undefined) {
      this.tally.failovers += 1;
      const epoch = nextEpoch(facts);
      yield* this.actAll([...this.used.begins(epoch), { do: 'promote' }, { do: 'hold', epoch }], site);
    }
    site.busy = false;
  }

  /** As `cfha global status` tells them to: the last epoch is the standby's. */
  private personAtSwitchover(): void {
    const outbid = siteNames.some((name) => this.isOutbid(this.sites[name]));
    if (outbid && !this.isServing() && chance(this.random, 0.25)) this.switchover();
  }

  private isOutbid({ server, name, mine }: Site): boolean {
    const view = (node: Node) => ({ ...(this.keepers.get(node)?.memory ?? blank), waitMs: 0 });
    const views = { own: view(name), other: view(otherSite(name)), witnesses: witnessNames.map(view) };
    return server === 'primary' && isOutbid(views, name, mine.epoch);
  }

  /** Makes a stopped site a standby of the other, or starts it again. */
  private bringBack(site: Site, other: Site): void {
    if (other.server === 'primary' && this.answers(site, other)) {
      this.tally.rejoins += 1;
      site.server = 'standby';
      site.asStandby = true;
      site.timeline = other.timeline;
    } else if (other.server === 'standby' && site.mine.epoch > other.mine.epoch) {
      // A switchover that was interrupted: who has had the last epoch goes on.
      site.server = 'primary';
      site.asStandby = false;
    }
  }

  /** cfha global switchover: the primary closes, stops, yields; the standby begins the next epoch. */
  private switchover(): void {
    const from = siteNames.map((name) => this.sites[name]).find((site) => site.server === 'primary' && site.on);
    const to = from && this.sites[otherSite(from.name)];
    if (from === undefined || to?.server !== 'standby' || !to.on || from.busy || !this.linked(from.name, to.name))
      return;
    this.tally.switchovers += 1;
    from.busy = true;
    this.go(from, this.handOver(from, to));
  }

  /** What the watch has under way has ended: the lock makes that certain. */
  private *alone(site: Site): Generator<number, void, void> {
    while (site.working) yield 10;
  }

  private *handOver(from: Site, to: Site): Generator<number, void, void> {
    yield* this.alone(from);
    yield* this.actAll([{ do: 'close gate' }, { do: 'stop server' }, { do: 'yield', epoch: from.mine.epoch }], from);
    from.busy = false;
    if (to.on && to.server === 'standby') this.go(to, this.takeOver(to));
  }

  private *takeOver(to: Site): Generator<number, void, void> {
    to.busy = true;
    yield* this.alone(to);
    yield 1000;
    const facts = yield* this.look(to);
    const epoch = nextEpoch(facts);
    yield* this.actAll([...this.used.begins(epoch), { do: 'promote' }, { do: 'hold', epoch }], to);
    to.busy = false;
  }
}
