import type { Claim, Quantity } from '../model/lesson';
import type { Fact } from '../model/study';

/** Why a claim does not hold; null where it does. A fact that is missing or not a number fails. */
export function claimFailure(claim: Claim, facts: Readonly<Record<string, Fact>>): string | null {
  const fact = facts[claim.fact];
  if (!fact) return `there is no fact "${claim.fact}"; there are ${Object.keys(facts).join(', ') || 'none'}`;
  const { value } = fact;
  if (Number.isNaN(value)) return `${claim.fact} could not be measured`;
  if (claim.near !== undefined) {
    const near = claim.near === 'theory' ? (fact.theory?.value ?? Number.NaN) : quantity(claim.near, facts);
    const allowed = claim.tolerance! * (claim.absolute ? 1 : Math.abs(near));
    if (!(Math.abs(value - near) <= allowed)) return `${claim.fact} = ${value} is not within ${allowed} of ${near}`;
  }
  if (claim.atLeast !== undefined) {
    const least = quantity(claim.atLeast, facts);
    if (!(value >= least)) return `${claim.fact} = ${value} is below ${least}`;
  }
  if (claim.atMost !== undefined) {
    const most = quantity(claim.atMost, facts);
    if (!(value <= most)) return `${claim.fact} = ${value} is above ${most}`;
  }
  return null;
}

/** The number a claim speaks of; NaN where its fact is missing. */
export const quantity = (given: Quantity, facts: Readonly<Record<string, Fact>>): number =>
  typeof given === 'number' ? given : (facts[given.fact]?.value ?? Number.NaN) * given.times + given.plus;
