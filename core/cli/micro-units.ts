/** Money in micro-units as a decimal with six places, without its currency. */
export function formatMicroUnits(amount: number): string {
  const digits = String(Math.abs(amount)).padStart(7, '0')
  return `${amount < 0 ? '-' : ''}${digits.slice(0, -6)}.${digits.slice(-6)}`
}
