/**
 * The other half of `namespace-dialer.ts`, in a process of its own inside another network namespace: connects to ports of the
 * loopback address there and hands the connections over. Ends with its parent.
 */
import { Socket } from 'node:net';
import { connectionErrorText } from '../connection-error-text.js';
import type { DialAnswer, DialOrder } from './namespace-dialer.js';

const answer = (message: DialAnswer, socket?: Socket): void => {
  process.send?.(message, socket);
};

process.on('message', ({ id, port }: DialOrder) => {
  const socket = new Socket();
  // Whoever takes the connection over reads it from its first byte.
  socket.pause();
  socket.once('error', (error) => {
    answer({ id, error: connectionErrorText(error) });
  });
  socket.connect({ host: '127.0.0.1', port }, () => {
    answer({ id }, socket);
  });
});
process.once('disconnect', () => {
  process.exit(0);
});
