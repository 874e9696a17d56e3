// Event ids are unique, and every one belongs to a message.
using System.Reflection;
using ClusterClient.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ClusterClient.UnitTests.Diagnostics;

public class EventIdsTests
{
    [Fact]
    public void Every_id_is_given_once_and_used_once()
    {
        int[] ids = [.. typeof(EventIds).GetFields(BindingFlags.Public | BindingFlags.Static).Select(static f => (int)f.GetRawConstantValue()!)];
        int[] used = [.. typeof(Log).GetMethods().Select(static m => m.GetCustomAttribute<LoggerMessageAttribute>()).OfType<LoggerMessageAttribute>().Select(static a => a.EventId)];
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.Equal(ids.Order(), used.Order());
    }

    [Fact]
    public void No_message_can_carry_a_key_a_value_or_a_secret()
    {
        string[] names = [.. typeof(Log).GetMethods(BindingFlags.Public | BindingFlags.Static).SelectMany(static m => m.GetParameters()).Select(static p => p.Name!.ToLowerInvariant())];
        Assert.DoesNotContain(names, static n => n is "key" or "value" or "keys" or "values" or "argument" or "arguments" or "password" or "credentials" or "options" or "settings");
    }
}
