// The client's process, as the bench speaks with it: one order, one report.

import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ClientOrder, ClientReport } from './client.ts';

const CLIENT = fileURLToPath(new URL('./client.ts', import.meta.url));

export class ClientProcess implements Disposable {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(): Promise<ClientProcess> {
    const client = new ClientProcess(fork(CLIENT, [], { execArgv: [] }));
    await client.#answer();
    return client;
  }

  /**
   * Its report, with the processor time that this process, the server's, spent meanwhile.
   *
   * @throws Error where a request was not answered.
   */
  async ask(order: ClientOrder): Promise<ClientReport & { readonly serverUs: number }> {
    const beginning = this.#answer();
    this.#child.send(order);
    await beginning;
    const start = process.cpuUsage();
    const report = (await this.#answer()) as ClientReport;
    const { user, system } = process.cpuUsage(start);
    return { ...report, serverUs: user + system };
  }

  [Symbol.dispose](): void {
    this.#child.kill();
  }

  #answer(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const onMessage = (answer: object): void => {
        this.#child.off('exit', onExit);
        if ('error' in answer) reject(new Error(`the client failed: ${answer.error}`));
        else resolve(answer);
      };
      const onExit = (code: number | null): void => {
        this.#child.off('message', onMessage);
        reject(new Error(`the client ended with ${code}`));
      };
      this.#child.once('message', onMessage);
      this.#child.once('exit', onExit);
    });
  }
}
