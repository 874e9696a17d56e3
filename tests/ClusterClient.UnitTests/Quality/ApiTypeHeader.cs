// The first line of a type in the listing of the public API.
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace ClusterClient.UnitTests.Quality;

internal static class ApiTypeHeader
{
    /// <summary>Attributes, modifiers, kind, full name, base types and constraints.</summary>
    public static string Of(Type type)
    {
        if (typeof(Delegate).IsAssignableFrom(type)) return Attributes(type) + $"delegate {ApiMember.Of(type.GetMethod("Invoke")!, FullName(type))}";
        Type[] bases = [.. Bases(type)];
        return Attributes(type) + Kind(type) + FullName(type)
            + (bases.Length == 0 ? "" : " : " + string.Join(", ", bases.Select(static t => ApiTypeName.Of(t))))
            + ApiTypeName.Constraints(type.GetGenericArguments());
    }

    /// <summary>The attributes a user notices; not the warning to old compilers that the compiler itself adds.</summary>
    public static string Attributes(MemberInfo member) =>
        (member.IsDefined(typeof(FlagsAttribute)) ? "[Flags] " : "")
        + (member.GetCustomAttribute<ObsoleteAttribute>() is { } obsolete && !member.IsDefined(typeof(CompilerFeatureRequiredAttribute)) ? $"[Obsolete(\"{obsolete.Message}\")] " : "")
        + (member.GetCustomAttribute<ExperimentalAttribute>() is { } experimental ? $"[Experimental({experimental.DiagnosticId})] " : "");

    private static string FullName(Type type) =>
        (type.DeclaringType is { } outer ? FullName(outer) + "." : type.Namespace + ".") + ApiTypeName.OwnName(type, type.GetGenericArguments());

    private static string Kind(Type type)
    {
        if (type.IsEnum) return "enum ";
        if (type.IsInterface) return "interface ";
        bool isRecord = type.GetMethod("PrintMembers", BindingFlags.NonPublic | BindingFlags.Instance) is { } method && method.IsDefined(typeof(CompilerGeneratedAttribute));
        string record = isRecord ? "record " : "";
        if (type.IsValueType) return $"{(type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly " : "")}{(type.IsByRefLike ? "ref " : "")}{record}struct ";
        string modifier = type.IsAbstract && type.IsSealed ? "static " : type.IsAbstract ? "abstract " : type.IsSealed ? "sealed " : "";
        return $"{modifier}{(isRecord ? record : "class ")}";
    }

    private static IEnumerable<Type> Bases(Type type)
    {
        if (type.IsEnum)
        {
            if (Enum.GetUnderlyingType(type) != typeof(int)) yield return Enum.GetUnderlyingType(type);
            yield break;
        }

        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType)) yield return parent;
        IEnumerable<Type> inherited = type.BaseType?.GetInterfaces() ?? [];
        foreach (Type item in type.GetInterfaces().Except(inherited).Where(static i => i.IsVisible).OrderBy(static i => ApiTypeName.Of(i), StringComparer.Ordinal)) yield return item;
    }
}
