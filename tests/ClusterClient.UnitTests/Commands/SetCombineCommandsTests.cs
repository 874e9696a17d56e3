// Combined sets: bytes sent, replies of both protocols, arguments refused.
using static ClusterClient.UnitTests.Commands.Wire;

namespace ClusterClient.UnitTests.Commands;

public sealed class SetCombineCommandsTests
{
    [Fact]
    public async Task CombinesSets()
    {
        Assert.Equal(["x", "y"], await ReceivesAsync("SUNION a b", r => r.SetCombineAsync(SetOperation.Union, ["a", "b"]), "*2\r\n$1\r\nx\r\n$1\r\ny\r\n"));
        Assert.Equal(["x"], await ReceivesAsync("SINTER a b", r => r.SetCombineAsync(SetOperation.Intersect, ["a", "b"]), "~1\r\n$1\r\nx\r\n"));
        Assert.Empty(await ReceivesAsync("SDIFF a", r => r.SetCombineAsync(SetOperation.Difference, ["a"]), "~0\r\n"));
        await SendsAsync("SINTERCARD 2 a b", r => r.SetIntersectionLengthAsync(["a", "b"]), 3L, ":3\r\n");
        await SendsAsync("SINTERCARD 2 a b LIMIT 2", r => r.SetIntersectionLengthAsync(["a", "b"], limit: 2), 2L, ":2\r\n");
    }

    [Fact]
    public void RefusesWhatMakesNoSense()
    {
        Refuses(typeof(ArgumentException), "keys", r => r.SetCombineAsync(SetOperation.Union, []));
        Refuses(typeof(ArgumentException), "keys", r => r.SetCombineAsync(SetOperation.Union, ["a", default]));
        Refuses(typeof(ArgumentOutOfRangeException), "operation", r => r.SetCombineAsync((SetOperation)7, ["a"]));
        Refuses(typeof(ArgumentException), "keys", r => r.SetIntersectionLengthAsync([]));
        Refuses(typeof(ArgumentOutOfRangeException), "limit", r => r.SetIntersectionLengthAsync(["a"], limit: -1));
    }
}
