// Services that are offered to the peer under a number: who allocates a number accepts it (plugin-protocol section 6).
import type { Communicator } from "../../sdk/communicator.ts";
import type { Ui } from "../../sdk/ui.ts";
import { type RpcServerOptions, serveRpc } from "../rpc/server.ts";
import type { Broker, RpcService } from "../transport.ts";
import { communicatorService, noCommunicatorService } from "./communicator-service.ts";
import { addUiService } from "./ui.ts";

/** What a stream that the peer is going to dial offers. */
export interface OfferedServices extends RpcServerOptions {
  readonly ui: Ui;
  readonly communicator: Communicator | undefined;
  readonly signal: AbortSignal;
}

/** A stream that was offered to the peer. */
export interface OfferedStream {
  readonly id: number;
  /** Resolves once the peer has dialled it; rejects when it does not. */
  readonly dialled: Promise<void>;
  /** Resolves with the peer's first call on it; never, when there is none. */
  readonly called: Promise<void>;
  /** Ends serving, and waiting for the peer. */
  release(): void;
}

/** Offers a Ui and a communicator under a number. */
export function offerStream(broker: Broker, { ui, communicator, signal, isExtended }: OfferedServices): OfferedStream {
  const add = (services: Map<string, RpcService>): (() => void) => {
    const end = addUiService(services, { ui, signal });
    const service = communicator === undefined ? noCommunicatorService() : communicatorService({ communicator, broker, signal });
    services.set("Communicator", service);
    return end;
  };
  return offer(broker, add, { isExtended });
}

/** Offers services under a number: waits until the peer dials it, then serves until released. `add` may return what ends them. */
export function offer(
  broker: Broker,
  add: (services: Map<string, RpcService>) => (() => void) | undefined,
  options: RpcServerOptions = {},
): OfferedStream {
  const id = broker.nextId();
  const released = new AbortController();
  let settleCalled = (): void => undefined;
  const called = new Promise<void>((resolve) => {
    settleCalled = resolve;
  });
  const dialled = broker.accept(id, released.signal).then((stream) => {
    const services = new Map<string, RpcService>();
    const end = add(services);
    const server = serveRpc(stream, services, options);
    void server.called.then(settleCalled);
    if (end !== undefined) void server.closed.then(end);
    if (released.signal.aborted) server.close();
    else released.signal.addEventListener("abort", () => server.close(), { once: true });
  });
  dialled.catch(() => undefined);
  return { id, dialled, called, release: () => released.abort() };
}
