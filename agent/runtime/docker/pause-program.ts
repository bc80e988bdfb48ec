/**
 * The program of the sandbox container, assembled here so that no registry is needed. As process 1 of a pod it only waits:
 * it has the kernel reap orphaned children (SIGCHLD is ignored) and ends on SIGINT or SIGTERM, which it must block and wait
 * for because the kernel drops unhandled signals to process 1.
 */

/** ELF header and one program header. */
const headerBytes = 64 + 56;
const baseAddress = 0x400000;
const sigChild = 17;
/** Bit n-1 stands for signal n: SIGINT (2) and SIGTERM (15). */
const endingSignals = 0x4002;
const signalSetBytes = 8;
/** struct kernel_sigaction: handler, flags, restorer, mask. */
const sigactionBytes = 32;

export type Architecture = 'x64' | 'arm64';

function dataSection(): Buffer {
  const bytes = Buffer.alloc(sigactionBytes + signalSetBytes);
  bytes.writeUInt32LE(1, 0); // SIG_IGN
  bytes.writeUInt32LE(endingSignals, sigactionBytes);
  return bytes;
}

const u32 = (value: number): readonly number[] => [
  value & 255,
  (value >> 8) & 255,
  (value >> 16) & 255,
  (value >>> 24) & 255,
];

/** Three system calls, the last repeated until it returns a signal, then exit(0). Data follows at `dataOffset`. */
function codeForX64(): Buffer {
  const dataOffset = 0x58;
  const code: number[] = [];
  const setEax = (value: number): void => void code.push(0xb8, ...u32(value));
  const setEdi = (value: number): void => void code.push(0xbf, ...u32(value));
  const setR10d = (value: number): void => void code.push(0x41, 0xba, ...u32(value));
  const zeroEdi = (): void => void code.push(0x31, 0xff);
  const zeroEsi = (): void => void code.push(0x31, 0xf6);
  const zeroEdx = (): void => void code.push(0x31, 0xd2);
  const syscall = (): void => void code.push(0x0f, 0x05);
  /** lea reg, [rip + distance to an offset in the data]; `register` is 0x35 for rsi, 0x3d for rdi. */
  const loadAddress = (register: 0x35 | 0x3d, offset: number): void =>
    void code.push(0x48, 0x8d, register, ...u32(dataOffset + offset - (code.length + 7)));

  setEax(13); // rt_sigaction(SIGCHLD, ignore, 0, 8)
  setEdi(sigChild);
  loadAddress(0x35, 0);
  zeroEdx();
  setR10d(signalSetBytes);
  syscall();
  setEax(14); // rt_sigprocmask(SIG_BLOCK, set, 0, 8)
  zeroEdi();
  loadAddress(0x35, sigactionBytes);
  zeroEdx();
  setR10d(signalSetBytes);
  syscall();
  const again = code.length;
  setEax(128); // rt_sigtimedwait(set, 0, 0, 8)
  loadAddress(0x3d, sigactionBytes);
  zeroEsi();
  zeroEdx();
  setR10d(signalSetBytes);
  syscall();
  code.push(0x85, 0xc0); // test eax, eax
  code.push(0x78, (again - (code.length + 2)) & 255); // js again
  setEax(60); // exit(0)
  zeroEdi();
  syscall();
  return Buffer.concat([Buffer.from(code), dataSection()]);
}

/** The same for arm64, whose instructions are four bytes each. */
function codeForArm64(): Buffer {
  const dataOffset = 23 * 4;
  const code: number[] = [];
  const here = (): number => code.length * 4;
  const move = (register: number, value: number): void =>
    void code.push((0xd2800000 | (value << 5) | register) >>> 0);
  const loadAddress = (register: number, offset: number): void =>
    void code.push((0x10000000 | (((dataOffset + offset - here()) >> 2) << 5) | register) >>> 0);
  const syscall = (number: number): void => {
    move(8, number);
    code.push(0xd4000001);
  };

  move(0, sigChild);
  loadAddress(1, 0);
  move(2, 0);
  move(3, signalSetBytes);
  syscall(134); // rt_sigaction
  move(0, 0);
  loadAddress(1, sigactionBytes);
  move(2, 0);
  move(3, signalSetBytes);
  syscall(135); // rt_sigprocmask
  const again = here();
  loadAddress(0, sigactionBytes);
  move(1, 0);
  move(2, 0);
  move(3, signalSetBytes);
  syscall(137); // rt_sigtimedwait
  code.push((0x37f80000 | ((((again - here()) >> 2) & 0x3fff) << 5)) >>> 0); // tbnz w0, #31, again
  move(0, 0);
  syscall(93); // exit
  while (here() < dataOffset) code.push(0xd503201f); // nop
  const bytes = Buffer.alloc(code.length * 4);
  code.forEach((instruction, position) => bytes.writeUInt32LE(instruction, position * 4));
  return Buffer.concat([bytes, dataSection()]);
}

/** A static 64-bit little-endian ELF executable of one loadable segment. */
export function pauseProgram(architecture: Architecture): Buffer {
  const code = architecture === 'x64' ? codeForX64() : codeForArm64();
  const header = Buffer.alloc(headerBytes);
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1], 0);
  header.writeUInt16LE(2, 16); // ET_EXEC
  header.writeUInt16LE(architecture === 'x64' ? 62 : 183, 18);
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(BigInt(baseAddress + headerBytes), 24); // entry point
  header.writeBigUInt64LE(64n, 32); // program headers
  header.writeUInt16LE(64, 52);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(1, 56);
  header.writeUInt32LE(1, 64); // PT_LOAD
  header.writeUInt32LE(5, 68); // readable, executable
  header.writeBigUInt64LE(BigInt(baseAddress), 80);
  header.writeBigUInt64LE(BigInt(baseAddress), 88);
  header.writeBigUInt64LE(BigInt(headerBytes + code.length), 96);
  header.writeBigUInt64LE(BigInt(headerBytes + code.length), 104);
  header.writeBigUInt64LE(0x1000n, 112);
  return Buffer.concat([header, code]);
}
