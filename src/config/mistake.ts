/** Why a text was not understood; the message says it whole, without the text where that may be a secret. */
export class Mistake {
  readonly message: string;
  readonly help: string | undefined;

  constructor(message: string, help?: string) {
    this.message = message;
    this.help = help;
  }
}
