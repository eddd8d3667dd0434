/** For building a readonly object field by field, where spreading conditional parts would cost each request. */
export type Mutable<T> = { -readonly [Field in keyof T]: T[Field] }
