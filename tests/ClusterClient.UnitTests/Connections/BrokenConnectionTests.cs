// What a broken connection is called, by how the system said that it broke.
using System.Net.Sockets;
using ClusterClient.Connections;

namespace ClusterClient.UnitTests.Connections;

public sealed class BrokenConnectionTests
{
    [Theory]
    [InlineData(SocketError.TimedOut, ConnectionFailure.Hung)]
    [InlineData(SocketError.ConnectionReset, ConnectionFailure.Lost)]
    public void A_peer_that_the_system_gave_up_on_hung_and_others_are_lost(SocketError error, ConnectionFailure failure)
    {
        SocketException cause = new((int)error);
        foreach (Exception broken in new Exception[] { cause, new IOException("broken", cause) })
        {
            RedisConnectionException lost = ConnectionErrors.Lost("host:1", broken);
            Assert.Equal((failure, Outcome.Unknown, "host:1"), (lost.Failure, lost.Outcome, lost.Node));
        }
    }
}
