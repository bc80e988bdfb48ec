/** Upgraded connections: commands, terminals and forwarded ports, over WebSocket or SPDY. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, WebSocketServer, type WebSocket } from 'ws';
import { badRequest, internalError } from '../../api/meta/status-error.js';
import type { Clock } from '../../machinery/clock/clock.js';
import { joinConnections } from '../../machinery/join-connections.js';
import type { Logger } from '../../machinery/log/log.js';
import { maxWebSocketMessageBytes } from './limits.js';
import { forwardPorts, portForwardProtocol } from './port-forward.js';
import { StreamRefusal } from './ports.js';
import type { ContainerAccess, ContainerSession, StreamRequest } from './ports.js';
import { runRemoteCommand } from './remote-command.js';
import { streamRequestOf, type Route } from './routes.js';
import { SpdyConnection } from './spdy/connection.js';
import { spdyCommandStreams } from './spdy/command-streams.js';
import { forwardedPorts, forwardOverChannels, portChannelsProtocol } from './websocket-ports.js';
import { channelProtocols, finishWebSocket, webSocketStreams } from './websocket-channels.js';

export interface StreamingOptions {
  readonly access: ContainerAccess;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

const spdyProtocol = 'SPDY/3.1';
/** Port forwarding whose SPDY frames travel in WebSocket messages (KEP-4006). */
const tunnelProtocol = `${spdyProtocol}+${portForwardProtocol}`;
/** Command protocols over SPDY, best first. v5 adds nothing there. */
const spdyCommandProtocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

const listOf = (header: string | string[] | undefined): readonly string[] =>
  (Array.isArray(header) ? header.join(',') : (header ?? ''))
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

const isWebSocket = ({ headers }: IncomingMessage): boolean =>
  headers.upgrade?.toLowerCase() === 'websocket';

/** Whether the API server of Kubernetes opens the client's connection before it asks the node: only for its best protocol. */
const opensBeforeAsking = ({ request }: Upgrade): boolean =>
  isWebSocket(request) &&
  listOf(request.headers['sec-websocket-protocol']).includes(channelProtocols[0]);

function chosen(offered: readonly string[], supported: readonly string[]): string {
  const protocol = supported.find((one) => offered.includes(one));
  if (protocol === undefined)
    throw badRequest(
      `unable to upgrade: none of the protocols offered (${offered.join(', ')}) is one of ${supported.join(', ')}`,
    );
  return protocol;
}

/** Agrees to a SPDY upgrade. */
function acceptSpdy(
  { request, socket, head }: Upgrade,
  supported: readonly string[],
): SpdyConnection {
  if (request.headers.upgrade !== spdyProtocol)
    throw badRequest(`unable to upgrade: ${request.headers.upgrade ?? ''} is not supported`);
  const offered = listOf(request.headers['x-stream-protocol-version']);
  const protocol = chosen(offered, supported);
  const lines = [
    'HTTP/1.1 101 Switching Protocols',
    'Connection: Upgrade',
    `Upgrade: ${spdyProtocol}`,
    `X-Stream-Protocol-Version: ${protocol}`,
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  if (head.length > 0) socket.unshift(head);
  return new SpdyConnection(socket);
}

export class StreamingUpgrades {
  private readonly options: StreamingOptions;
  private readonly webSockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxWebSocketMessageBytes,
    perMessageDeflate: false,
    handleProtocols: (offered) => channelProtocols.find((one) => offered.has(one)) ?? false,
  });
  private readonly portChannels = new WebSocketServer({
    noServer: true,
    maxPayload: maxWebSocketMessageBytes,
    perMessageDeflate: false,
    handleProtocols: () => portChannelsProtocol,
  });
  private readonly tunnels = new WebSocketServer({
    noServer: true,
    maxPayload: maxWebSocketMessageBytes,
    perMessageDeflate: false,
  });

  constructor(options: StreamingOptions) {
    this.options = options;
    // The tunnel's name holds a slash, which ws takes for an error in a list of protocols; so it is agreed to by hand.
    this.tunnels.on('headers', (headers) => {
      headers.push(`Sec-WebSocket-Protocol: ${tunnelProtocol}`);
    });
  }

  /** Breaks every WebSocket off. */
  stop(): void {
    for (const server of [this.webSockets, this.portChannels, this.tunnels]) {
      for (const socket of server.clients) socket.terminate();
      server.close();
    }
  }

  /** Rejects with a StatusError as long as the connection has not been upgraded. */
  async serve(route: Route, url: URL, upgrade: Upgrade): Promise<void> {
    switch (route.kind) {
      case 'exec':
      case 'attach': {
        const request = streamRequestOf(url.searchParams);
        this.checkCommandProtocol(upgrade);
        const { access } = this.options;
        // The process is started before the upgrade, so that "no such container" is still an ordinary answer.
        try {
          const session =
            route.kind === 'exec'
              ? await access.exec(route.target, { ...request, command: route.command })
              : await access.attach(route.target, request);
          await this.serveCommand(session, request, upgrade);
        } catch (error) {
          if (!(error instanceof StreamRefusal) || !opensBeforeAsking(upgrade)) throw error;
          await this.refuseOpened(error, upgrade);
        }
        return;
      }
      case 'portForward':
        await this.servePorts(route.target, url, upgrade);
        return;
      case 'tunnel':
        await joinTunnel(await this.options.access.connect(route.target, route.port), upgrade);
        return;
      default:
        throw badRequest('this path has nothing to stream');
    }
  }

  private checkCommandProtocol({ request }: Upgrade): void {
    if (isWebSocket(request))
      chosen(listOf(request.headers['sec-websocket-protocol']), channelProtocols);
    else chosen(listOf(request.headers['x-stream-protocol-version']), spdyCommandProtocols);
  }

  private async serveCommand(
    session: ContainerSession,
    request: StreamRequest,
    upgrade: Upgrade,
  ): Promise<void> {
    const { clock, logger } = this.options;
    // The process may fail while the client is still opening its streams; the failure is reported once they are there.
    session.exitCode.catch(() => undefined);
    try {
      const client = isWebSocket(upgrade.request)
        ? webSocketStreams(await opened(this.webSockets, upgrade), request, clock)
        : await spdyCommandStreams(acceptSpdy(upgrade, spdyCommandProtocols), request, clock);
      await runRemoteCommand(session, client, { clock, request });
    } catch (error) {
      session.close();
      logger.debug('command stream broke off', { error });
      upgrade.socket.destroy();
    }
  }

  private async refuseOpened(refusal: StreamRefusal, upgrade: Upgrade): Promise<void> {
    const socket = await opened(this.webSockets, upgrade);
    const why = `unable to upgrade connection: ${refusal.message}`;
    await finishWebSocket(socket, internalError(new Error(why)).status);
  }

  private async servePorts(
    target: Parameters<ContainerAccess['connect']>[0],
    url: URL,
    upgrade: Upgrade,
  ): Promise<void> {
    const { access, logger, clock } = this.options;
    const connect = (port: number): Promise<Duplex> => access.forward(target, port);
    const { headers } = upgrade.request;
    if (!isWebSocket(upgrade.request)) {
      await forwardPorts(acceptSpdy(upgrade, [portForwardProtocol]), connect, logger);
      return;
    }
    const offered = listOf(headers['sec-websocket-protocol']);
    if (chosen(offered, [tunnelProtocol, portChannelsProtocol]) === portChannelsProtocol) {
      const ports = forwardedPorts(url.searchParams);
      const socket = await opened(this.portChannels, upgrade);
      await forwardOverChannels(socket, ports, { connect, clock, logger });
      return;
    }
    delete headers['sec-websocket-protocol'];
    const tunnel = createWebSocketStream(await opened(this.tunnels, upgrade));
    await forwardPorts(new SpdyConnection(tunnel), connect, logger);
  }
}

/** Agrees to a bare connection and joins it to the pod's; either side may half-close. */
function joinTunnel(target: Duplex, { socket, head }: Upgrade): Promise<void> {
  socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
  if (head.length > 0) target.write(head);
  return joinConnections(socket, target);
}

function opened(server: WebSocketServer, { request, socket, head }: Upgrade): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    socket.once('close', () => {
      reject(new Error('the client went away during the upgrade'));
    });
    server.handleUpgrade(request, socket, head, resolve);
  });
}
