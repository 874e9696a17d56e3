// One member in the listing of the public API, as one line of C#.
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace ClusterClient.UnitTests.Quality;

internal static class ApiMember
{
    private static readonly NullabilityInfoContext s_nullability = new();

    /// <summary>The member's line; null for accessors, which their property or event shows.</summary>
    public static string? Of(MemberInfo member)
    {
        string attributes = ApiTypeHeader.Attributes(member);
        return member switch
        {
            ConstructorInfo { IsStatic: true } => null,
            ConstructorInfo constructor => $"{attributes}{Access(constructor)}{ApiTypeName.Bare(constructor.DeclaringType!)}({Parameters(constructor)})",
            MethodInfo method when method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal) => null,
            MethodInfo method => attributes + Access(method) + Modifiers(method) + Of(method, ApiTypeName.OwnName(method)),
            PropertyInfo property => attributes + Property(property),
            FieldInfo field => attributes + Field(field),
            EventInfo happening => $"{attributes}{Access(happening.AddMethod!)}{Modifiers(happening.AddMethod!)}event {ApiTypeName.Of(happening.EventHandlerType!, s_nullability.Create(happening))} {happening.Name}",
            _ => null,
        };
    }

    /// <summary>A method's return type, the given name, its parameters and constraints.</summary>
    public static string Of(MethodInfo method, string name) =>
        $"{Reference(method.ReturnParameter)}{ApiTypeName.Of(method.ReturnType, s_nullability.Create(method.ReturnParameter))} {name}({Parameters(method)})"
        + ApiTypeName.Constraints(method.IsGenericMethod ? method.GetGenericArguments() : []);

    public static string Of(ParameterInfo parameter)
    {
        bool isParams = parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute));
        bool isReceiver = parameter.Position == 0 && parameter.Member.IsDefined(typeof(ExtensionAttribute)) && parameter.Member is MethodInfo { IsStatic: true };
        return $"{(isReceiver ? "this " : "")}{(isParams ? "params " : "")}{Reference(parameter)}"
            + $"{ApiTypeName.Of(parameter.ParameterType, s_nullability.Create(parameter))} {parameter.Name}"
            + (parameter.HasDefaultValue ? " = " + Literal(parameter.RawDefaultValue) : "");
    }

    public static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Property(PropertyInfo property)
    {
        MethodInfo[] accessors = [.. property.GetAccessors(nonPublic: true).Where(IsVisible)];
        MethodInfo widest = accessors.OrderByDescending(static a => a.IsPublic).First();
        bool required = property.IsDefined(typeof(RequiredMemberAttribute));
        string name = property.GetIndexParameters().Length == 0 ? property.Name : $"this[{string.Join(", ", property.GetIndexParameters().Select(Of))}]";
        string body = string.Concat(accessors.OrderBy(static a => a.ReturnType == typeof(void)).Select(a => $"{(a.IsPublic == widest.IsPublic ? "" : Access(a))}{Accessor(a)}; "));
        string reference = property.GetMethod is { } getter ? Reference(getter.ReturnParameter) : "";
        return $"{Access(widest)}{(required ? "required " : "")}{Modifiers(widest)}{reference}{ApiTypeName.Of(property.PropertyType, s_nullability.Create(property))} {name} {{ {body}}}";
    }

    private static string Accessor(MethodInfo accessor) =>
        accessor.ReturnType != typeof(void) ? "get"
        : accessor.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init"
        : "set";

    private static string Field(FieldInfo field)
    {
        string access = field.IsPublic ? "" : "protected ";
        string kind = field.IsLiteral ? "const " : $"{(field.IsStatic ? "static " : "")}{(field.IsInitOnly ? "readonly " : "")}";
        return $"{access}{kind}{ApiTypeName.Of(field.FieldType, s_nullability.Create(field))} {field.Name}{(field.IsLiteral ? " = " + Literal(field.GetRawConstantValue()) : "")}";
    }

    private static string Access(MethodBase method) => method.IsPublic ? "" : "protected ";

    private static string Modifiers(MethodInfo method)
    {
        if (method.IsStatic) return method.IsAbstract ? "static abstract " : method is { IsVirtual: true } ? "static virtual " : "static ";
        if (!method.IsVirtual || method.DeclaringType!.IsInterface) return "";
        bool overrides = method.GetBaseDefinition() != method;
        if (method.IsFinal) return overrides ? "sealed override " : "";
        return method.IsAbstract ? "abstract " : overrides ? "override " : "virtual ";
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Of));

    private static string Reference(ParameterInfo parameter)
    {
        if (!parameter.ParameterType.IsByRef) return "";
        bool readOnly = parameter.IsDefined(typeof(IsReadOnlyAttribute)) || parameter.GetRequiredCustomModifiers().Contains(typeof(System.Runtime.InteropServices.InAttribute));
        if (parameter.Position < 0) return readOnly ? "ref readonly " : "ref ";
        return parameter.IsOut ? "out " : readOnly ? "in " : parameter.IsDefined(typeof(RequiresLocationAttribute)) ? "ref readonly " : "ref ";
    }

    private static string Literal(object? value) => value switch
    {
        null => "default",
        string text => $"\"{text}\"",
        bool truth => truth ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
