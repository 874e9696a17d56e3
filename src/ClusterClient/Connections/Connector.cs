// Makes a connection: credentials, dialling and the first words, within one timeout.
using System.Diagnostics;
using ClusterClient.Configuration;
using ClusterClient.Diagnostics;
using ClusterClient.Protocol;
using Microsoft.Extensions.Logging;

namespace ClusterClient.Connections;

/// <summary>Makes the connections of one node, each from credentials that are asked for anew.</summary>
internal sealed class Connector(NodeEndpoint endpoint, ClientSettings settings, NodeTelemetry telemetry, ILogger logger)
{
    private int _failures;

    /// <summary>Dials and shakes hands within the connect timeout. Every failure becomes one clear error.</summary>
    /// <param name="reads">What is known of the node as one to read from, and is told its zone; null for a connection that carries no reads.</param>
    /// <param name="disposal">Ends the attempt when the node is given up.</param>
    internal async Task<Connection> OpenAsync(ReadFitness? reads, CancellationToken disposal)
    {
        long started = Stopwatch.GetTimestamp();
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(disposal);
        deadline.CancelAfter(settings.ConnectTimeout);
        Connection? connection = null;
        RedisCredentials? credentials = null;
        try
        {
            credentials = await GetCredentialsAsync(deadline.Token).ConfigureAwait(false);
            Transport transport = await Dialer.DialAsync(endpoint, settings, _failures, deadline.Token).ConfigureAwait(false);
            connection = new Connection(
                transport, endpoint,
                new ConnectionLimits(settings.MaxInFlightCommands, settings.MaxInFlightBytes),
                new RespLimits { MaxBulkLength = settings.MaxReplyLength })
            { Telemetry = telemetry };
            int left = (int)Math.Max(1, (settings.ConnectTimeout - Stopwatch.GetElapsedTime(started)).TotalMilliseconds);
            ValueTask<HandshakeResult> handshake = Handshake.RunAsync(connection, settings, credentials, reads, left);

            // A server that does not answer must not hold up the disposal.
            using CancellationTokenRegistration end = disposal.UnsafeRegister(static (state, _) =>
            {
                Connection opening = (Connection)state!;
                opening.Close(ConnectionErrors.ClosedHere(opening.Node));
            }, connection);

            // Listened to only now that something is asked: a server that admits nobody (maxclients, protected mode) says so
            // unasked, and that line must find a command to be the answer to.
            connection.Start();
            HandshakeResult result = await handshake.ConfigureAwait(false);
            TimeSpan took = Stopwatch.GetElapsedTime(started);
            _failures = 0;
            telemetry.ConnectionOpened(took);
            if (result.Protocol != settings.Protocol) Log.FellBackToResp2(logger, endpoint);
            Log.ConnectionEstablished(logger, endpoint, result.Server, result.Protocol, took.TotalMilliseconds);
            return connection;
        }
        catch (Exception failure)
        {
            RedisConnectionException error = ConnectionErrors.CannotConnect(endpoint, settings, ConnectionErrors.WithoutSecret(failure, credentials));
            connection?.Close(error);
            _failures++;
            throw error;
        }
    }

    private async ValueTask<RedisCredentials?> GetCredentialsAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Waited for no longer than the connect timeout, whether or not the user's code looks at its token.
            return await settings.GetCredentialsAsync(cancellationToken).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException late) when (cancellationToken.IsCancellationRequested)
        {
            throw new RedisConnectionException($"The credentials provider gave nothing for a connection to {endpoint} within the connect timeout.", ConnectionFailure.TimedOut, Outcome.NotExecuted, late) { Node = endpoint.ToString(), LeavesNodeAlive = true };
        }
        catch (Exception failure)
        {
            Log.CredentialsProviderFailed(logger, endpoint, failure);
            throw new RedisConnectionException($"The credentials provider failed for a connection to {endpoint}: {failure.Message}", ConnectionFailure.Authentication, Outcome.NotExecuted, failure) { Node = endpoint.ToString(), LeavesNodeAlive = true };
        }
    }
}
