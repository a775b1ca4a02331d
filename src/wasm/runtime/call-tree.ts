// Instructions performed, by the chain of calls they were performed in. Code says when a function is entered; that it is left
// shows by itself, for a frame is known by how many return addresses lie below it. Bounded: recursion that goes deeper than
// `MAX_LEVELS` is folded, its functions side by side at the last level, and what comes when `MAX_NODES` are used up is
// kept by function alone. So the figures of functions are always exact, those of chains up to there.
import { HALT_ADDRESS, LEAVE_ADDRESS } from './code-space.js';
import { CALLS } from './machine.js';

const MAX_NODES = 1 << 19;
const MAX_LEVELS = 256;
/** More functions than a module may have. */
const FUNCTIONS = 1 << 21;

/** No function: the host, from which calls come; and calls of chains that had no room. */
export const ROOT = 0;
export const ELSEWHERE = 1;

export class CallTree {
  /** Nodes in use; a node is an index into the arrays, and always larger than its parent's. */
  size = 2;
  private readonly children = new Map<number, number>();
  /** Index of the function; -1 for `ROOT` and `ELSEWHERE`. */
  functions = new Int32Array(1024).fill(-1, 0, 2);
  parents = new Int32Array(1024);
  /** Instructions of the function itself. */
  weights = new Float64Array(1024);
  entered = new Float64Array(1024);
  private levels = new Int32Array(1024);
  /** The child entered last: mostly it is the one entered next. */
  private recent = new Int32Array(1024);
  /** Node of the frame with so many return addresses below it. */
  private nodes = new Int32Array(1024);

  /** A function was entered, with `depth` return addresses below its frame. */
  enter(functionIndex: number, depth: number): void {
    const back = CALLS[depth - 1];
    const parent = back === HALT_ADDRESS ? ROOT : this.nodes[back === LEAVE_ADDRESS ? depth - 2 : depth - 1]!;
    let node = this.recent[parent]!;
    if (node === ROOT || this.functions[node] !== functionIndex) node = this.child(parent, functionIndex);
    if (depth >= this.nodes.length) this.nodes = doubled(this.nodes, Int32Array);
    this.nodes[depth] = node;
    this.entered[node]!++;
  }

  /** Instructions of the function whose frame has `depth` return addresses below it. */
  weigh(depth: number, instructions: number): void {
    this.weights[this.nodes[depth]!]! += instructions;
  }

  private child(caller: number, functionIndex: number): number {
    let parent = this.levels[caller]! < MAX_LEVELS ? caller : this.parents[caller]!;
    let node = this.children.get(parent * FUNCTIONS + functionIndex);
    if (node === undefined && this.size >= MAX_NODES) {
      parent = ELSEWHERE;
      node = this.children.get(parent * FUNCTIONS + functionIndex);
    }
    node ??= this.add(parent, functionIndex);
    this.recent[caller] = node;
    return node;
  }

  private add(parent: number, functionIndex: number): number {
    const node = this.size++;
    if (node === this.functions.length) this.grow();
    this.functions[node] = functionIndex;
    this.parents[node] = parent;
    this.levels[node] = this.levels[parent]! + 1;
    this.children.set(parent * FUNCTIONS + functionIndex, node);
    return node;
  }

  private grow(): void {
    this.functions = doubled(this.functions, Int32Array);
    this.parents = doubled(this.parents, Int32Array);
    this.levels = doubled(this.levels, Int32Array);
    this.recent = doubled(this.recent, Int32Array);
    this.weights = doubled(this.weights, Float64Array);
    this.entered = doubled(this.entered, Float64Array);
  }
}

function doubled<Kind extends Int32Array | Float64Array>(array: Kind, make: new (length: number) => Kind): Kind {
  const larger = new make(2 * array.length);
  larger.set(array);
  return larger;
}
