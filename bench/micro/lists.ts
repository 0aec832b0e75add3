// Micro benchmark of packed and quick lists: `node dist/bench/micro/lists.js`. Nanoseconds per operation on elements of 16
// bytes, no commands, no protocol; and bytes per element of a large list.

import { Arena } from '../../src/memory/arena.js';
import { NOWHERE, PackedList, StagedElement } from '../../src/structures/packed-list.js';
import { QuickList } from '../../src/structures/quick-list.js';
import { nanosecondsPer, ns, report } from './measure.js';

const ELEMENT_BYTES = 16;
const PACKED_ELEMENTS = 100;
const QUICK_ELEMENTS = 1_000_000;
const OPERATIONS = 1000;
const DEFAULT_FILL = -2;

const bytes = new Uint8Array(ELEMENT_BYTES).fill(0x61);
const element = new StagedElement();
const view = { bytes, start: 0, end: 0 };

function packed(): void {
  const list = new PackedList(new Arena());
  list.create(0);
  element.stage(bytes, 0, ELEMENT_BYTES);
  for (let i = 0; i < PACKED_ELEMENTS; i++) list.append(element);
  const absent = new Uint8Array(ELEMENT_BYTES).fill(0x62);

  const row = (name: string, operation: (i: number) => number, per = 1): void => {
    const work = (): number => {
      let sum = 0;
      for (let i = 0; i < OPERATIONS; i++) sum += operation(i);
      return sum;
    };
    report(`packed list of ${PACKED_ELEMENTS}: ${name}`, ns(nanosecondsPer(OPERATIONS * per, work)));
  };
  row('append and remove the first', () => {
    element.stage(bytes, 0, ELEMENT_BYTES);
    list.append(element);
    return list.remove(list.first(), 1);
  });
  row('prepend and remove the last', () => {
    element.stage(bytes, 0, ELEMENT_BYTES);
    list.prepend(element);
    return list.remove(list.last(), 1);
  });
  row('insert in the middle and remove', () => {
    element.stage(bytes, 0, ELEMENT_BYTES);
    return list.remove(list.insert(list.at(PACKED_ELEMENTS >> 1), element), 1);
  });
  row('replace', (i) => list.replace(list.at(i % PACKED_ELEMENTS), element));
  row(
    'find what is not there, per element',
    () => {
      element.stage(absent, 0, ELEMENT_BYTES);
      return list.find(list.first(), element);
    },
    PACKED_ELEMENTS,
  );
  row(
    'walk and read, per element',
    () => {
      let sum = 0;
      for (let at = list.first(); at !== NOWHERE; at = list.next(at)) {
        list.read(at, view);
        sum += view.end;
      }
      return sum;
    },
    PACKED_ELEMENTS,
  );
}

function quick(): void {
  const list = new QuickList(new Arena());
  list.open(list.arena, 0, DEFAULT_FILL);
  list.create();
  const begin = performance.now();
  for (let i = 0; i < QUICK_ELEMENTS; i++) list.push(false, bytes, 0, ELEMENT_BYTES);
  const fill = ((performance.now() - begin) * 1e6) / QUICK_ELEMENTS;
  const name = (what: string): string => `quick list of ${QUICK_ELEMENTS}: ${what}`;
  report(name('push, filling it'), ns(fill));
  report(name('memory per element'), `${(list.arena.usedBytes / QUICK_ELEMENTS).toFixed(2)} B`);

  const row = (what: string, operation: (i: number) => number, per = 1): void => {
    const work = (): number => {
      let sum = 0;
      for (let i = 0; i < OPERATIONS; i++) sum += operation(i);
      return sum;
    };
    report(name(what), ns(nanosecondsPer(OPERATIONS * per, work)));
  };
  row('push at the tail, cut at the head', () => {
    list.push(false, bytes, 0, ELEMENT_BYTES);
    return list.cut(true, 1);
  });
  row('push at the head, cut at the tail', () => {
    list.push(true, bytes, 0, ELEMENT_BYTES);
    return list.cut(false, 1);
  });
  row('seek anywhere', (i) => {
    list.seek((i * 7919) % QUICK_ELEMENTS);
    return 1;
  });
  row(
    'walk and read 100, per element',
    (i) => {
      list.seek(i * 100);
      let sum = 0;
      for (let left = 100; left > 0; left--) {
        list.read(view);
        sum += view.end;
        list.next();
      }
      return sum;
    },
    100,
  );
  report(name('freeing a slice of 256 nodes'), `${freeing(list).toFixed(1)} us`);
}

/** Microseconds for a slice, once the code is warm. */
function freeing(list: QuickList): number {
  let slice = 0;
  for (let round = 0; round < 4; round++) {
    if (round > 0) {
      list.create();
      for (let i = 0; i < QUICK_ELEMENTS; i++) list.push(false, bytes, 0, ELEMENT_BYTES);
    }
    const begin = performance.now();
    let slices = 1;
    while (list.freeSome(256)) slices++;
    slice = ((performance.now() - begin) * 1000) / slices;
  }
  return slice;
}

packed();
quick();
