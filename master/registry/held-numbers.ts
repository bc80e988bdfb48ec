/** Which owner holds which number; a number has one owner at a time. */
export class HeldNumbers {
  private readonly owners = new Map<number, string>();

  /** Takes a number for an owner; false when another has it. */
  take(number: number, owner: string): boolean {
    const holder = this.owners.get(number);
    if (holder !== undefined && holder !== owner) return false;
    this.owners.set(number, owner);
    return true;
  }

  isHeld(number: number): boolean {
    return this.owners.has(number);
  }

  isHeldBy(number: number, owner: string): boolean {
    return this.owners.get(number) === owner;
  }

  /** Gives a number back if the owner has it. */
  release(number: number, owner: string): void {
    if (this.isHeldBy(number, owner)) this.owners.delete(number);
  }
}
