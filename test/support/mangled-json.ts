import fc from 'fast-check'

/** Every place below a value that an edit can hit, as a path. */
function placesIn(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  const below = Object.entries(value).flatMap(([key, inner]) => placesIn(inner, [...path, Array.isArray(value) ? Number(key) : key]))
  return path.length > 0 ? [path, ...below] : below
}

/** The value with what stands at a path replaced; `undefined` takes it out. */
function replaced(value: unknown, [first, ...rest]: readonly (string | number)[], by: unknown): unknown {
  if (first === undefined) return by
  if (Array.isArray(value))
    return value.flatMap((inner, index) => (index === first ? (rest.length === 0 && by === undefined ? [] : [replaced(inner, rest, by)]) : [inner]))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, key === first ? replaced(inner, rest, by) : inner]))
}

const odd = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, '', 0, -1, 1e300, true, [], {}, [null], [[]], ['x'], { type: 'text' }, { type: 'what' }, 'x'.repeat(5000)),
  fc.jsonValue({ maxDepth: 2 }),
)

/** One of the values with one to three places in it replaced by something odd, or taken out. */
export function mangled(originals: readonly unknown[]): fc.Arbitrary<unknown> {
  const edits = fc.array(fc.tuple(fc.nat(), odd), { minLength: 1, maxLength: 3 })
  return fc.tuple(fc.constantFrom(...originals), edits).map(([original, changes]) => {
    let value = original
    for (const [place, by] of changes) {
      const places = placesIn(value)
      if (places.length > 0) value = replaced(value, places[place % places.length] as readonly (string | number)[], by)
    }
    return value
  })
}
