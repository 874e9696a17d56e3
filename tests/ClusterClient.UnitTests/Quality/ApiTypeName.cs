// The name of a type as C# writes it, with nullability.
using System.Reflection;

namespace ClusterClient.UnitTests.Quality;

internal static class ApiTypeName
{
    private static readonly Dictionary<Type, string> s_keywords = new (Type Type, string Keyword)[]
    {
        (typeof(void), "void"), (typeof(object), "object"), (typeof(string), "string"), (typeof(bool), "bool"), (typeof(char), "char"), (typeof(byte), "byte"),
        (typeof(sbyte), "sbyte"), (typeof(short), "short"), (typeof(ushort), "ushort"), (typeof(int), "int"), (typeof(uint), "uint"), (typeof(long), "long"),
        (typeof(ulong), "ulong"), (typeof(float), "float"), (typeof(double), "double"), (typeof(decimal), "decimal"), (typeof(nint), "nint"), (typeof(nuint), "nuint"),
    }.ToDictionary(static pair => pair.Type, static pair => pair.Keyword);

    /// <summary>The name where the type is used; namespaces are left out.</summary>
    public static string Of(Type type, NullabilityInfo? nullability = null)
    {
        if (type.IsByRef) return Of(type.GetElementType()!, nullability);
        if (type.IsPointer) return Of(type.GetElementType()!) + "*";
        if (Nullable.GetUnderlyingType(type) is { } underlying) return Of(underlying) + "?";
        string mark = !type.IsValueType && nullability is { ReadState: NullabilityState.Nullable } ? "?" : "";
        if (type.IsArray) return $"{Of(type.GetElementType()!, nullability?.ElementType)}[{new string(',', type.GetArrayRank() - 1)}]{mark}";
        if (type.IsGenericParameter) return type.Name + (type.GenericParameterAttributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint) ? mark : "");
        if (s_keywords.TryGetValue(type, out string? keyword)) return keyword + mark;
        Type[] arguments = type.GetGenericArguments();
        if (arguments.Length > 1 && type.FullName?.StartsWith("System.ValueTuple`", StringComparison.Ordinal) == true)
            return $"({string.Join(", ", arguments.Select((a, i) => Of(a, ArgumentOf(nullability, i))))})";
        string outer = type.DeclaringType is { } declaring ? Bare(declaring) + "." : "";
        return outer + Named(Bare(type), arguments.Select((a, i) => Of(a, ArgumentOf(nullability, i)))) + mark;
    }

    /// <summary>The name where the type is declared: with its type parameters.</summary>
    public static string OwnName(Type type, Type[] parameters) => Named(Bare(type), parameters.Select(static p => p.Name));

    /// <summary>The name where the method is declared; operators by their words.</summary>
    public static string OwnName(MethodInfo method) => method.Name switch
    {
        var name when name.StartsWith("op_", StringComparison.Ordinal) => $"{name[3..].ToLowerInvariant()} operator",
        var name => method.IsGenericMethod ? Named(name, method.GetGenericArguments().Select(static p => p.Name)) : name,
    };

    /// <summary>The name without type parameters.</summary>
    public static string Bare(Type type)
    {
        int tick = type.Name.IndexOf('`', StringComparison.Ordinal);
        return tick < 0 ? type.Name : type.Name[..tick];
    }

    public static string Constraints(IEnumerable<Type> parameters) => string.Concat(parameters.Select(static parameter =>
    {
        GenericParameterAttributes attributes = parameter.GenericParameterAttributes;
        bool isStruct = attributes.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
        List<string> all = [];
        if (isStruct) all.Add("struct");
        if (attributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint)) all.Add("class");
        all.AddRange(parameter.GetGenericParameterConstraints().Where(static c => c != typeof(ValueType)).Select(static c => Of(c)));
        if (!isStruct && attributes.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint)) all.Add("new()");
        if (attributes.HasFlag(GenericParameterAttributes.AllowByRefLike)) all.Add("allows ref struct");
        return all.Count == 0 ? "" : $" where {parameter.Name} : {string.Join(", ", all)}";
    }));

    public static string Named(string name, IEnumerable<string> arguments) => arguments.Any() ? $"{name}<{string.Join(", ", arguments)}>" : name;

    private static NullabilityInfo? ArgumentOf(NullabilityInfo? info, int index) =>
        info is not null && index < info.GenericTypeArguments.Length ? info.GenericTypeArguments[index] : null;
}
