// Micro-benchmarks of the parts that every command passes through; short runs unless the arguments ask for more.
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

// --job medium or --job long for figures to be published; --filter '*Reply*' for some of them.
bool choosesJob = args.Any(argument => argument is "--job" or "-j");
ManualConfig config = ManualConfig.Create(DefaultConfig.Instance).AddDiagnoser(MemoryDiagnoser.Default);
if (!choosesJob)
{
    // About a second each, in this process: enough to see an allocation, or a part that has become half as fast.
    config.AddJob(Job.Default
        .WithToolchain(InProcessEmitToolchain.Instance)
        .WithIterationTime(TimeInterval.FromMilliseconds(50))
        .WithWarmupCount(3)
        .WithIterationCount(5)
        .WithId("brief"));
}

string[] arguments = args.Length == 0 ? ["--filter", "*"] : args;
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(arguments, config);
