/** A source has more to open than it can: ask again later. It has opened nothing for this. */
export class SourceBusyError extends Error {
  constructor() {
    super('too many openings wait');
    this.name = 'SourceBusyError';
  }
}
