// The chart's colours and type, for light and dark pages.
namespace ClusterClient.Bench.Load;

internal static class SvgStyle
{
    public const string Sheet = """
        <style>
        text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; fill: #1f2328; }
        .page { fill: #ffffff; }
        .heading { font-size: 20px; font-weight: 600; }
        .title { font-size: 13px; font-weight: 600; }
        .name { font-size: 12px; text-anchor: end; fill: #59636e; }
        .value { font-size: 12px; font-weight: 600; }
        .detail { font-size: 11px; font-weight: 400; fill: #6e7781; }
        .note { font-size: 11.5px; fill: #59636e; }
        .target { stroke: #1f2328; stroke-width: 1.5; }
        .own { fill: #1a7f6c; }
        .peer { fill: #c2703d; }
        .floor { fill: #b4bcc4; }
        .other { fill: #6f86b5; }
        @media (prefers-color-scheme: dark) {
          text { fill: #e6edf3; }
          .page { fill: #0d1117; }
          .name, .note, .detail { fill: #9198a1; }
          .target { stroke: #e6edf3; }
          .own { fill: #3fb59b; }
          .peer { fill: #d98a57; }
          .floor { fill: #4b545e; }
          .other { fill: #7f98ca; }
        }
        </style>
        """;
}
