// Connects to the first of a name's addresses that accepts.
using System.Net;
using System.Net.Sockets;

namespace ClusterClient.Connections;

/// <summary>
/// A name may stand for several addresses (two protocols, several nodes), of which some are dead. One that does not answer must not use up the
/// time of the others: each is begun a little after the one before it, or at once when that has failed, and the first that accepts wins.
/// </summary>
internal static class AddressRace
{
    /// <summary>As long as RFC 8305 advises.</summary>
    private static readonly TimeSpan _stagger = TimeSpan.FromMilliseconds(250);

    /// <param name="addresses">At least one.</param>
    /// <param name="first">Which to begin with, counted round: after one that accepted and then was of no use, the next has its turn.</param>
    /// <param name="port">The port.</param>
    /// <param name="create">Makes a socket.</param>
    /// <param name="cancellationToken">Ends all attempts.</param>
    /// <exception cref="SocketException">All have failed; that of the last.</exception>
    internal static async Task<Socket> ConnectAsync(IPAddress[] addresses, int first, int port, Func<AddressFamily, Socket> create, CancellationToken cancellationToken)
    {
        if (addresses.Length == 1) return await ConnectAsync(addresses[0], port, create, cancellationToken).ConfigureAwait(false);
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task<Socket>> attempts = [];
        Exception? failure = null;
        try
        {
            for (int begun = 0; begun < addresses.Length || attempts.Count > 0;)
            {
                if (begun < addresses.Length)
                {
                    attempts.Add(ConnectAsync(addresses[(int)(((uint)first + (uint)begun) % (uint)addresses.Length)], port, create, end.Token));
                    begun++;
                }

                Task<Task<Socket>> next = Task.WhenAny(attempts);
                if (begun < addresses.Length && await Task.WhenAny(next, Task.Delay(_stagger, end.Token)).ConfigureAwait(false) != next) continue;
                Task<Socket> ended = await next.ConfigureAwait(false);
                attempts.Remove(ended);
                try
                {
                    return await ended.ConfigureAwait(false);
                }
                catch (Exception refused) when (refused is SocketException || !cancellationToken.IsCancellationRequested)
                {
                    failure = refused;
                }
            }
        }
        finally
        {
            await end.CancelAsync().ConfigureAwait(false);
            foreach (Task<Socket> late in attempts) _ = DropAsync(late);
        }

        throw failure!;
    }

    private static async Task<Socket> ConnectAsync(IPAddress address, int port, Func<AddressFamily, Socket> create, CancellationToken cancellationToken)
    {
        Socket socket = create(address.AddressFamily);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(address, port), cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>One that connects as well, or fails, when the race is won: nobody waits for it.</summary>
    private static async Task DropAsync(Task<Socket> late)
    {
        try
        {
            (await late.ConfigureAwait(false)).Dispose();
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // It lost the race, or was called off.
        }
    }
}
