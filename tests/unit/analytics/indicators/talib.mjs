// TA-Lib's own C functions, compiled to WebAssembly (npm talib-web), called as C: the package's JavaScript reads one
// element past the end of each input.
import { createRequire } from 'node:module';

/** Loads the library from a folder with node_modules. Throws where it is not installed. */
export async function loadTalib(folder) {
  const talib = createRequire(folder)('talib-web');
  // Its loader takes a runtime with fetch for a browser, and Node's fetch reads no files.
  const { fetch } = globalThis;
  delete globalThis.fetch;
  const module = await talib.init().finally(() => { globalThis.fetch = fetch; });
  return { run: (name, inputs, options, outputs) => run(module, name, inputs, options, outputs) };
}

/**
 * Runs one function over whole series.
 * @param inputs arrays of numbers, all of one length
 * @param options the function's parameters as C takes them
 * @param outputs one 'real' or 'integer' an output
 * @returns one array an output, null through the look-back
 */
function run(module, name, inputs, options, outputs) {
  const length = inputs[0].length;
  const places = [];
  const take = (bytes) => places[places.push(module._malloc(bytes)) - 1];
  const given = inputs.map((values) => {
    const place = take(8 * length);
    module.HEAPF64.set(values, place / 8);
    return place;
  });
  const begin = take(4);
  const count = take(4);
  const results = outputs.map(() => take(8 * length));
  const status = module[`_TA_${name}`](0, length - 1, ...given, ...options, begin, count, ...results);
  if (status !== 0) throw new Error(`TA_${name}(${options}) answered ${status}`);
  const first = module.HEAP32[begin / 4];
  const values = module.HEAP32[count / 4];
  const columns = results.map((place, i) => {
    const heap = outputs[i] === 'integer' ? module.HEAP32.subarray(place / 4) : module.HEAPF64.subarray(place / 8);
    return [...new Array(first).fill(null), ...heap.subarray(0, values)];
  });
  for (const place of places) module._free(place);
  return columns;
}
