/** JSON that every parser takes: NaN and the infinities become null, typed arrays become lists. */
export const toJson = (value: unknown): string =>
  JSON.stringify(value, (_, item: unknown) => (ArrayBuffer.isView(item) ? [...(item as Float64Array)] : item), 2);
