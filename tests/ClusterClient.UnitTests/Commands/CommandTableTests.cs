// The command table: what it holds, how it is looked up, and that every refused command has its advice.
using ClusterClient.Protocol;

namespace ClusterClient.UnitTests.Commands;

public sealed class CommandTableTests
{
    [Fact]
    public void KnowsEveryCommandOnce()
    {
        Assert.InRange(CommandTable.All.Count, 500, 700);
        Assert.Equal(CommandTable.All.Count, CommandTable.All.Select(command => command.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(CommandTable.All, command => Assert.Equal(command.Name.ToUpperInvariant(), command.Name));
    }

    [Fact]
    public void FindsNamesInAnyCase()
    {
        Assert.True(CommandTable.TryFind("get", out CommandInfo? lower));
        Assert.True(CommandTable.TryFind("GET", out CommandInfo? upper));
        Assert.Same(lower, upper);
        Assert.True(CommandTable.TryFind("object encoding", out CommandInfo? both));
        Assert.True(CommandTable.TryFind("OBJECT", "encoding", out CommandInfo? apart));
        Assert.Same(both, apart);
        Assert.False(CommandTable.TryFind("NOSUCH", "x", out _));
        Assert.True(CommandTable.TryFind("GET", "ENCODING", out CommandInfo? get));
        Assert.Equal("GET", get.Name);
        Assert.True(CommandTable.TryFind("OBJECT", new string('x', 500), out CommandInfo? container));
        Assert.Equal("OBJECT", container.Name);
    }

    [Fact]
    public void DescriptorsOfOnesOwnAreChecked()
    {
        Assert.Equal("MY COMMAND", new CommandInfo(" my  command ", KeySpec.Single, CommandFlags.None).Name);
        Assert.Throws<ArgumentException>("keys", () => new CommandInfo("MY.COMMAND", default, CommandFlags.None));
        Assert.Throws<ArgumentException>("name", () => new CommandInfo(" ", KeySpec.None, CommandFlags.None));
    }

    [Fact]
    public void LooksUpWithoutAllocating()
    {
        Find();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++) Find();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        static void Find()
        {
            CommandTable.TryFind("client", "list", out _);
            CommandTable.TryFind("GET", out _);
        }
    }

    [Fact]
    public void NoReplicaGetsAWriteAndNoSafeCommandIsRefused()
    {
        Assert.All(
            CommandTable.All.Where(command => command.Is(CommandFlags.ChangesConnection)),
            command => Assert.False(command.Is(CommandFlags.ReadOnly), $"{command} is refused and read-only"));
        Assert.All(
            CommandTable.All.Where(command => command.Is(CommandFlags.AnyNode)),
            command => Assert.True(command.Is(CommandFlags.ReadOnly) && !command.Keys.HasKeys, $"{command} goes to any node and has keys or writes"));
        Assert.All(
            CommandTable.All.Where(command => command.Is(CommandFlags.Idempotent)),
            command => Assert.False(command.Is(CommandFlags.ReadOnly), $"{command} is read-only, which says it all"));
    }

    [Fact]
    public void EveryCommandWithoutKeysSaysWhereItGoes()
    {
        static bool IsRefused(CommandInfo command) => (command.Flags & (CommandFlags.ChangesConnection | CommandFlags.Blocking)) != CommandFlags.None;
        static bool IsKeyless(CommandInfo command) => !command.Keys.HasKeys && !command.Is(CommandFlags.MovableKeys);
        Assert.All(CommandTable.All.Where(command => !IsRefused(command)), command => Assert.True(IsKeyless(command) == (command.Route != KeylessRoute.None), $"{command} goes {command.Route}"));
        Assert.All(CommandTable.All.Where(command => command.Is(CommandFlags.AnyNode)), command => Assert.Equal(KeylessRoute.AnyNode, command.Route));
        Assert.All(
            CommandTable.All.Where(command => command.Join != KeylessJoin.First),
            command => Assert.True(command.Route is KeylessRoute.AllMasters or KeylessRoute.Keyspace or KeylessRoute.AllNodes && command.Is(CommandFlags.ReadOnly), $"{command} joins by {command.Join}"));

        // A second round and heirs that are told again are allowed to no other.
        Assert.All(CommandTable.All.Where(command => command.Route == KeylessRoute.Keyspace), command => Assert.True(command.Is(CommandFlags.ReadOnly) || command.Is(CommandFlags.Idempotent), $"{command} must not be repeated"));
    }

    [Fact]
    public void EveryRefusalGivesAdviceOfItsOwn()
    {
        foreach (CommandInfo info in CommandTable.All.Where(info => info.Is(CommandFlags.ChangesConnection) && !info.Is(CommandFlags.Blocking)))
        {
            var failure = Assert.Throws<NotSupportedException>(() => RefusedCommands.ThrowIfRefused(new Command(info)));
            Assert.StartsWith($"{info.Name} was not sent", failure.Message, StringComparison.Ordinal);
            Assert.Contains(info.Name, RefusedCommands.Advised);
        }
    }

    [Fact]
    public void AdviceIsOnlyGivenForRefusedCommands() =>
        Assert.All(RefusedCommands.Advised, name =>
        {
            Assert.True(CommandTable.TryFind(name, out CommandInfo? info), $"{name} is not in the table");
            Assert.True(RefusedCommands.Refuses(new Command(info)), $"{name} is not refused");
        });
}
