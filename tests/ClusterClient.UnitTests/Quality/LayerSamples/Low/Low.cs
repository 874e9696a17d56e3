// Each type breaks the import rule in one way, and only in that way.
namespace ClusterClient.UnitTests.Quality.LayerSamples;

[AttributeUsage(AttributeTargets.All)]
internal sealed class LowAttribute(Type type) : Attribute
{
    public Type Type => type;
}

internal sealed class LowBox<T>
{
    public static int Size => 1;
}

internal static class LowCalls
{
    public static int Of<T>() => typeof(T).Name.Length;
}

internal sealed class ByBase : Middle;

internal sealed class ByInterface : IMiddleRole;

internal sealed class ByField
{
    public LowBox<MiddleKind[]>? Field;

    public void Clear() => Field = null;
}

internal static class ByParameter
{
    public static void Do(in MiddleKind kind) => _ = kind;
}

internal interface ByConstraint
{
    void Do<T>() where T : Middle;
}

[Middle]
internal enum ByAttribute
{
    One,
}

internal static class ByAttributeTypeof
{
    [Low(typeof(MiddleKind))]
    public static int Value => 1;
}

internal static class ByCall
{
    public static int Do() => Middle.Count();
}

internal static class ByArgument
{
    public static int Do() => LowCalls.Of<Middle>() + LowBox<int>.Size;
}

internal static class ByTypeof
{
    public static object Do() => typeof(LowBox<MiddleKind>);
}

internal static class ByLocal
{
    public static bool Do(Func<object> make)
    {
        MiddleKind[]? kinds = (MiddleKind[])make();
        return kinds.Length > 0;
    }
}

internal static class ByCatch
{
    public static void Do(Action action)
    {
        try
        {
            action();
        }
        catch (MiddleException)
        {
            GC.KeepAlive(action);
        }
    }
}

internal static class ByLambda
{
    public static Func<int> Do(int more) => () => Middle.Count() + more;
}

internal static class ByStateMachine
{
    public static async Task<int> DoAsync()
    {
        await Task.Yield();
        return Middle.Count();
    }
}

internal static class ByNestedType
{
    internal sealed class Inner
    {
        public Middle? Field;

        public void Clear() => Field = null;
    }
}
