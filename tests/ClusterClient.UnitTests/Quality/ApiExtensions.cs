// Finds the C# 14 extension blocks of a static class behind what the compiler makes of them.
using System.Reflection;
using System.Runtime.CompilerServices;

namespace ClusterClient.UnitTests.Quality;

/// <summary>
/// The compiler writes each extension member twice: as a static method of the class, and inside a nested grouping type
/// whose members point to a marker type; the one parameter of the marker's method is the receiver.
/// </summary>
internal static class ApiExtensions
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>One <c>extension(…)</c> block.</summary>
    /// <param name="Header">As C# writes it.</param>
    /// <param name="Members">The members as they are written inside the block.</param>
    /// <param name="Implementations">The static methods of the class that stand for them.</param>
    /// <param name="TypeParameters">The names of the block's type parameters; the grouping type calls them <c>$T0</c>, <c>$T1</c>…</param>
    public sealed record Block(string Header, IReadOnlyList<MemberInfo> Members, IReadOnlyList<MethodInfo> Implementations, IReadOnlyList<string> TypeParameters)
    {
        public string WithTypeParameters(string line) =>
            TypeParameters.Index().Reverse().Aggregate(line, static (text, name) => text.Replace($"$T{name.Index}", name.Item, StringComparison.Ordinal));
    }

    /// <summary>Whether the type is one of those the compiler makes for extension blocks.</summary>
    public static bool IsMarker(Type type) => type.Name.StartsWith("<G>$", StringComparison.Ordinal) || type.Name.StartsWith("<M>$", StringComparison.Ordinal);

    public static IEnumerable<Block> BlocksOf(Type type) => Find(type).OrderBy(static block => block.Header, StringComparer.Ordinal);

    private static IEnumerable<Block> Find(Type type) =>
        from grouping in type.GetNestedTypes(All)
        where IsMarker(grouping)
        from marker in grouping.GetNestedTypes(All)
        let receiver = marker.GetMethod("<Extension>$", All)!.GetParameters()[0]
        let members = grouping.GetMembers(All).Where(member => member.GetCustomAttribute<ExtensionMarkerAttribute>()?.Name == marker.Name).ToArray()
        let parameters = marker.GetGenericArguments()
        let header = $"{ApiTypeName.Named("extension", parameters.Select(static p => p.Name))}({ApiMember.Of(receiver)}){ApiTypeName.Constraints(parameters)}"
        select new Block(header, members, [.. type.GetMethods(All).Where(method => members.OfType<MethodInfo>().Any(member => Implements(method, member, receiver)))], [.. parameters.Select(static p => p.Name)]);

    private static bool Implements(MethodInfo method, MethodInfo member, ParameterInfo receiver) =>
        method.IsStatic && method.Name == member.Name
        && Names(method).SequenceEqual(member.IsStatic ? Names(member) : Names(member).Prepend(receiver.Name));

    private static IEnumerable<string?> Names(MethodInfo method) => method.GetParameters().Select(static p => p.Name);
}
