// Types of every shape, and how the listing of the public API shows them.
using System.Diagnostics.CodeAnalysis;

namespace ClusterClient.UnitTests.Quality;

[SuppressMessage("Design", "CA1034", Justification = "Samples of every shape.")]
[SuppressMessage("Design", "CA1000", Justification = "Samples of every shape.")]
public static class PublicApiSamples
{
    public const string Listing = """
        static class PublicApiExtensionSamples
            static int Classic(this Box<int> box, params ReadOnlySpan<int> numbers)
            extension(IRole role)
                string Name { get; }
                static int Count(int start)
                Box<T>? Get<T>(string? key = default, int count = 3) where T : struct, IComparable<T>
            extension<T>(List<T> list) where T : class
                T Nth(int index)

        class Box<T> : IDisposable where T : struct, IComparable<T>
            static readonly int Size
            const string Word = "w"
            Box(T value)
            T this[int index] { get; }
            required string Key { get; init; }
            Dictionary<string, List<string?>?> Map { get; set; }
            string Shown { get; protected set; }
            event EventHandler<EventArgs>? Changed
            void Dispose()
            protected virtual void OnChanged(object?[]? items)
            override string ToString()
            static bool TryGet(string text, out Box<T>? box)
            static T implicit operator(Box<T> box)

        delegate bool Filter(in int number, ref string text)

        interface IRole
            ValueTask<int?> AskAsync(CancellationToken cancellationToken = default)
            (int, string?) Pair()

        [Flags] enum Kinds : byte
            None = 0
            One = 1

        sealed record Named : IEquatable<Named>
            Named(string Name)
            string Name { get; init; }

        readonly ref struct View
            View(int first)
            ReadOnlySpan<byte> Bytes { get; }

        """;

    [Flags]
    public enum Kinds : byte
    {
        None = 0,
        One = 1,
    }

    public delegate bool Filter(in int number, ref string text);

    public interface IRole
    {
        ValueTask<int?> AskAsync(CancellationToken cancellationToken = default);

        (int Number, string? Text) Pair();
    }

    public sealed record Named(string Name);

    public readonly ref struct View(int first)
    {
        public ReadOnlySpan<byte> Bytes => new byte[first];

        internal int Hidden => first;
    }

    public class Box<T>(T value) : IDisposable
        where T : struct, IComparable<T>
    {
        public const string Word = "w";
        public static readonly int Size = Word.Length;

        public event EventHandler<EventArgs>? Changed;

        public required string Key { get; init; }

        public string Shown { get; protected set; } = "";

        public Dictionary<string, List<string?>?> Map { get; set; } = [];

        public T this[int index] => value;

        public static implicit operator T(Box<T> box) => box[0];

        public static bool TryGet(string text, out Box<T>? box)
        {
            box = null;
            return text.Length > Size;
        }

        public void Dispose()
        {
            Changed?.Invoke(this, EventArgs.Empty);
            GC.SuppressFinalize(this);
        }

        public override string ToString() => Key;

        protected virtual void OnChanged(object?[]? items) => Dispose();
    }
}

public static class PublicApiExtensionSamples
{
    extension(PublicApiSamples.IRole role)
    {
        public string Name => role.ToString() ?? "";

        public static int Count(int start) => start;

        public PublicApiSamples.Box<T>? Get<T>(string? key = null, int count = 3)
            where T : struct, IComparable<T> => key is null || count == role.Pair().Number ? null : new(default) { Key = key };
    }

    extension<T>(List<T> list)
        where T : class
    {
        public T Nth(int index) => list[index];
    }

    public static int Classic(this PublicApiSamples.Box<int> box, params ReadOnlySpan<int> numbers) => box[numbers.Length];
}
