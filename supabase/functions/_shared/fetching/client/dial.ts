/** What is open to the other side: a TCP or TLS connection of Deno's. */
export type Connection = Pick<Deno.Conn, "read" | "write" | "close">;

/** Opens a TCP connection to an IP address. */
export type Dial = (address: string, port: number) => Promise<Deno.TcpConn>;

export const dialTcp: Dial = (hostname, port) => Deno.connect({ hostname, port });

/** How long one address may take before the next is tried beside it (RFC 8305, "Happy Eyeballs"). */
const STAGGER_MS = 300;

/**
 * Connects to the first of these addresses that answers; each is tried when the one before has failed
 * or has not answered for a while. Connections that come too late are closed.
 * @throws the abort reason, or the error of the address that failed last.
 */
export function dialFirst(
  addresses: readonly string[],
  port: number,
  dial: Dial,
  signal: AbortSignal,
): Promise<{ connection: Deno.TcpConn; address: string }> {
  return new Promise((resolve, reject) => {
    let [next, failed, settled] = [0, 0, false];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const settle = (end: () => void) => {
      settled = true;
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      end();
    };
    const stop = () => settle(() => reject(signal.reason));
    const tryNext = () => {
      clearTimeout(timer);
      const address = addresses[next++];
      if (address === undefined) return;
      timer = setTimeout(tryNext, STAGGER_MS);
      dial(address, port).then(
        (connection) => {
          if (settled) connection.close();
          else settle(() => resolve({ connection, address }));
        },
        (error) => {
          if (settled) return;
          if (++failed === addresses.length) settle(() => reject(error));
          else tryNext();
        },
      );
    };
    if (signal.aborted) return reject(signal.reason);
    if (addresses.length === 0) return reject(new Error("there is no address to connect to"));
    signal.addEventListener("abort", stop);
    tryNext();
  });
}

/**
 * TLS over an open connection, with a server that shows a certificate for this name. The connection
 * given is used up, also when it fails.
 * @throws the abort reason, or what is wrong with the certificate.
 */
export async function secured(
  connection: Deno.TcpConn,
  { name, caCerts }: { name: string; caCerts: string[] },
  signal: AbortSignal,
): Promise<Deno.TlsConn> {
  const tls = await Deno.startTls(connection, { hostname: name, caCerts });
  let open = true;
  const close = () => {
    if (open) tls.close();
    open = false;
  };
  signal.addEventListener("abort", close);
  try {
    signal.throwIfAborted();
    await tls.handshake();
    return tls;
  } catch (error) {
    close();
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener("abort", close);
  }
}
