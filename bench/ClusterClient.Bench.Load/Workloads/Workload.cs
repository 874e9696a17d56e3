// One row of the comparison: an operation, a size, how many callers, how many commands each has in flight.
using System.Globalization;

namespace ClusterClient.Bench.Load;

/// <param name="Operation">What is sent.</param>
/// <param name="ValueBytes">The length of the value read or written.</param>
/// <param name="Callers">How many independent loops run at once over one client.</param>
/// <param name="Depth">How many commands a caller sends before it awaits their replies.</param>
internal sealed record Workload(Operation Operation, int ValueBytes, int Callers, int Depth = 1)
{
    // Few keys for large values, so that the data set stays far below any server's memory.
    private const int MostData = 16 << 20;
    private const int MostKeys = 1024;

    public int KeyCount => Math.Clamp(MostData / ValueBytes, 16, MostKeys);

    public int InFlight => Callers * Depth;

    public string Name
    {
        get
        {
            string operation = Operation switch
            {
                Operation.Get => $"GET {Size}",
                Operation.GetLease => $"GET {Size} as lease",
                Operation.GetNumber => "GET number",
                Operation.Set => $"SET {Size}",
                Operation.Increment => "INCR",
                _ => throw new InvalidOperationException($"No name for {Operation}."),
            };
            string callers = Callers == 1 ? "1 caller" : string.Create(CultureInfo.InvariantCulture, $"{Callers} callers");
            return Depth == 1 ? $"{operation}, {callers}" : string.Create(CultureInfo.InvariantCulture, $"{operation}, {callers}, {Depth} in flight");
        }
    }

    private string Size => ValueBytes switch
    {
        >= 1 << 20 when ValueBytes % (1 << 20) == 0 => string.Create(CultureInfo.InvariantCulture, $"{ValueBytes >> 20} MiB"),
        >= 1 << 10 when ValueBytes % (1 << 10) == 0 => string.Create(CultureInfo.InvariantCulture, $"{ValueBytes >> 10} KiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{ValueBytes} B"),
    };
}
