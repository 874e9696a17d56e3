// The error of many seeds says once what they have in common.
using ClusterClient.Topology;
using ClusterClient.UnitTests.Topology.Support;

namespace ClusterClient.UnitTests.Topology;

public class TopologyFailureTests
{
    [Fact]
    public void Seeds_that_fail_alike_are_named_together()
    {
        FailedQuery[] failures =
        [
            .. Enumerable.Range(7000, 8).Select(static port => new FailedQuery(Picture.At(port), Refused($"{Picture.At(port)} refused the connection: nothing listens there."))),
            new(Picture.At(9000), new RedisConnectionException("127.0.0.1:9000: The server wants a password and none is configured.", ConnectionFailure.Authentication, Outcome.NotExecuted)),
            new(Picture.At(9001), new TimeoutException("nothing came")),
        ];
        RedisConnectionException error = TopologyFailure.From("No seed could tell the cluster's topology", failures);

        Assert.Equal(
            "No seed could tell the cluster's topology: 127.0.0.1:7000, 127.0.0.1:7001, 127.0.0.1:7002, 2 others, 127.0.0.1:7005, 127.0.0.1:7006, 127.0.0.1:7007 refused the connection: nothing listens there.; "
            + "127.0.0.1:9000: The server wants a password and none is configured.; 127.0.0.1:9001: nothing came",
            error.Message);
        Assert.Equal(ConnectionFailure.Authentication, error.Failure);
    }

    private static RedisConnectionException Refused(string message) => new(message, ConnectionFailure.Refused, Outcome.NotExecuted);
}
