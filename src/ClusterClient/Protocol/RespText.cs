// A reply tree as text for people, in the manner of redis-cli.
using System.Globalization;
using System.Text;

namespace ClusterClient.Protocol;

internal static class RespText
{
    internal static string Render(RespValue value)
    {
        var text = new StringBuilder();
        Append(text, value, 0);
        return text.ToString();
    }

    private static void Append(StringBuilder text, RespValue value, int indent)
    {
        if (value.IsNull)
        {
            text.Append("(nil)");
        }
        else if (value.IsAggregate)
        {
            AppendItems(text, value, indent);
        }
        else
        {
            _ = value.Type switch
            {
                RespType.Integer => text.Append(CultureInfo.InvariantCulture, $"(integer) {value.AsInt64()}"),
                RespType.Double => text.Append("(double) ").Append(value.AsString()),
                RespType.Boolean => text.Append(value.AsBoolean() ? "(true)" : "(false)"),
                RespType.BigNumber => text.Append("(big number) ").Append(value.AsString()),
                RespType.Error or RespType.BlobError => text.Append("(error) ").Append(value.AsString()),
                RespType.SimpleString or RespType.VerbatimString => text.Append(value.AsString()),
                _ => text.Append(ByteText.Quote(value.AsBytes(), int.MaxValue)),
            };
        }
    }

    private static void AppendItems(StringBuilder text, RespValue value, int indent)
    {
        bool pairs = value.Type is RespType.Map or RespType.Attribute;
        int step = pairs ? 2 : 1;
        int lines = value.Count / step;
        if (lines == 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"(empty {value.Type.ToString().ToLowerInvariant()})");
        }

        int width = lines.ToString(CultureInfo.InvariantCulture).Length;
        for (int line = 1; line <= lines; line++)
        {
            if (line > 1)
            {
                text.Append('\n').Append(' ', indent);
            }

            string mark = line.ToString(CultureInfo.InvariantCulture).PadLeft(width)
                + value.Type switch { RespType.Set => "~ ", RespType.Map or RespType.Attribute => "# ", _ => ") " };
            text.Append(mark);
            int start = text.Length;
            Append(text, value[(line - 1) * step], indent + mark.Length);
            if (pairs)
            {
                text.Append(" => ");
                Append(text, value[((line - 1) * step) + 1], indent + mark.Length + text.Length - start);
            }
        }
    }
}
