// Writes the public surface of an assembly as text: every type and member with parameter names, defaults and nullability, in a stable order.
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace ClusterClient.UnitTests.Quality;

internal static class PublicApiText
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly MemberTypes[] s_kinds = [MemberTypes.Field, MemberTypes.Constructor, MemberTypes.Property, MemberTypes.Event, MemberTypes.Method];

    public static string Of(IEnumerable<Type> exportedTypes)
    {
        StringBuilder text = new();
        foreach (Type type in exportedTypes.Where(static t => !ApiExtensions.IsMarker(t)).OrderBy(static t => t.FullName, StringComparer.Ordinal))
        {
            if (text.Length > 0) text.Append('\n');
            text.Append(ApiTypeHeader.Of(type)).Append('\n');
            foreach (string member in MembersOf(type)) text.Append("    ").Append(member).Append('\n');
        }

        return text.ToString();
    }

    private static IEnumerable<string> MembersOf(Type type)
    {
        if (typeof(Delegate).IsAssignableFrom(type)) return [];
        if (type.IsEnum) return Enum.GetNames(type).Select(name => $"{name} = {Convert.ToInt64(Enum.Parse(type, name), CultureInfo.InvariantCulture)}");
        ApiExtensions.Block[] blocks = [.. ApiExtensions.BlocksOf(type)];
        HashSet<MemberInfo> inBlocks = [.. blocks.SelectMany(static block => block.Implementations)];
        return Lines(type.GetMembers(Declared).Where(member => !inBlocks.Contains(member)))
            .Concat(blocks.SelectMany(static block => Lines(block.Members).Select(line => "    " + block.WithTypeParameters(line)).Prepend(block.Header)));
    }

    private static IEnumerable<string> Lines(IEnumerable<MemberInfo> members) =>
        members.Where(IsVisible).Select(static member => (Kind: Array.IndexOf(s_kinds, member.MemberType), member.Name, Line: ApiMember.Of(member)))
            .Where(static m => m.Line is not null)
            .OrderBy(static m => m.Kind).ThenBy(static m => m.Name, StringComparer.Ordinal).ThenBy(static m => m.Line, StringComparer.Ordinal)
            .Select(static m => m.Line!);

    /// <summary>Public or protected, and written by a person: what a record synthesizes says nothing that its header does not.</summary>
    private static bool IsVisible(MemberInfo member) => !member.IsDefined(typeof(CompilerGeneratedAttribute)) && member switch
    {
        MethodBase method => ApiMember.IsVisible(method),
        PropertyInfo property => property.GetAccessors(nonPublic: true).Any(ApiMember.IsVisible),
        FieldInfo field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly,
        EventInfo happening => ApiMember.IsVisible(happening.AddMethod!),
        _ => false,
    };
}
