// Lists as nodes: our packed nodes become listpacks, elements with a block of their own plain nodes. A packed list is a list of
// one node.

import type { Arena, Ref } from '../../memory/arena.js';
import { visitListNodes } from '../../values/list.js';
import { newView } from './packed-sources.js';
import { NODE_PACKED, NODE_PLAIN, RDB } from './rdb-format.js';
import type { RdbWriter } from './rdb-writer.js';

const view = newView();

export function listKind(): number {
  return RDB.quicklist2;
}

export function saveList(arena: Arena, entry: Ref, _kind: number, writer: RdbWriter): void {
  let nodes = 0;
  const count = (): void => {
    nodes++;
  };
  visitListNodes(arena, entry, { packed: count, plain: count });
  writer.length(nodes);
  visitListNodes(arena, entry, {
    packed: (list) => {
      list.readAll(view);
      writer.length(NODE_PACKED);
      writer.listpack(view.bytes, view.start, view.end, list.count);
    },
    plain: (element) => {
      writer.length(NODE_PLAIN);
      writer.blob(element.bytes, element.start, element.end);
    },
  });
}
