// Shows how two texts differ, line by line.
using System.Text;

namespace ClusterClient.UnitTests.Quality;

internal static class LineDiff
{
    /// <summary>The changed lines with the line before and behind each; <c>...</c> stands for what is the same.</summary>
    public static string Of(string expected, string actual)
    {
        List<(char Mark, string Line)> lines = Compare(expected.Split('\n'), actual.Split('\n'));
        bool[] shown = [.. lines.Select((_, i) => lines.Skip(i - 1).Take(i == 0 ? 2 : 3).Any(static l => l.Mark != ' '))];
        StringBuilder text = new();
        for (int i = 0; i < lines.Count; i++)
        {
            if (shown[i]) text.Append(lines[i].Mark).Append(' ').Append(lines[i].Line).Append('\n');
            else if (i == 0 || shown[i - 1]) text.Append("  ...\n");
        }

        return text.ToString();
    }

    /// <summary>By the longest common subsequence; a listing has a few thousand lines at most.</summary>
    private static List<(char Mark, string Line)> Compare(string[] before, string[] after)
    {
        int[,] common = new int[before.Length + 1, after.Length + 1];
        for (int i = before.Length - 1; i >= 0; i--)
        {
            for (int j = after.Length - 1; j >= 0; j--)
                common[i, j] = before[i] == after[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
        }

        List<(char Mark, string Line)> lines = [];
        (int at, int to) = (0, 0);
        while (at < before.Length || to < after.Length)
        {
            if (at < before.Length && to < after.Length && before[at] == after[to])
            {
                lines.Add((' ', before[at++]));
                to++;
            }
            else if (at < before.Length && (to == after.Length || common[at + 1, to] >= common[at, to + 1]))
            {
                lines.Add(('-', before[at++]));
            }
            else
            {
                lines.Add(('+', after[to++]));
            }
        }

        return lines;
    }
}
