// A name with several addresses: dead ones cost little time, and an address that was of no use makes room for the next.
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ClusterClient.Connections;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Connections;

public class AddressRaceTests
{
    private static Socket Create(AddressFamily family) => new(family, SocketType.Stream, ProtocolType.Tcp);

    [Fact]
    public async Task The_first_that_accepts_wins_whatever_becomes_of_the_others()
    {
        await using FakeServer server = new();

        // Addresses kept for documentation (RFC 5737): nobody answers there, or the network says so.
        IPAddress[] addresses = [IPAddress.Parse("192.0.2.1"), IPAddress.Parse("127.0.0.2"), IPAddress.Loopback];
        long began = Stopwatch.GetTimestamp();
        using Socket socket = await Until.EndsAsync(AddressRace.ConnectAsync(addresses, 0, server.Port, Create, CancellationToken.None));
        Assert.Equal(IPAddress.Loopback, ((IPEndPoint)socket.RemoteEndPoint!).Address);
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task When_all_fail_the_failure_is_told()
    {
        await using FakeServer server = new();
        server.StopListening();
        SocketException failure = await Assert.ThrowsAsync<SocketException>(
            () => Until.EndsAsync(AddressRace.ConnectAsync([IPAddress.Loopback, IPAddress.Parse("127.0.0.2")], 0, server.Port, Create, CancellationToken.None)));
        Assert.Equal(SocketError.ConnectionRefused, failure.SocketErrorCode);
    }

    [Fact]
    public async Task Addresses_take_turns_at_being_the_first()
    {
        using Socket listener = Create(AddressFamily.InterNetwork);
        listener.Bind(new IPEndPoint(IPAddress.Any, 0));
        listener.Listen();
        int port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        IPAddress[] addresses = [IPAddress.Parse("127.0.0.1"), IPAddress.Parse("127.0.0.2"), IPAddress.Parse("127.0.0.3")];
        for (int attempt = 0; attempt < 6; attempt++)
        {
            using Socket socket = await Until.EndsAsync(AddressRace.ConnectAsync(addresses, attempt, port, Create, CancellationToken.None));
            Assert.Equal(addresses[attempt % 3], ((IPEndPoint)socket.RemoteEndPoint!).Address);
        }
    }

    [Fact]
    public void The_kernel_is_told_how_long_to_bear_with_a_silent_peer()
    {
        using Socket socket = Create(AddressFamily.InterNetwork);
        DeadPeerOptions.Set(socket, TimeSpan.FromSeconds(15));
        Assert.NotEqual(0, (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive)!);
        if (!OperatingSystem.IsLinux()) return;
        byte[] value = new byte[4];
        socket.GetRawSocketOption(6, 18, value);
        Assert.Equal(15_000, BitConverter.ToInt32(value));
    }
}
