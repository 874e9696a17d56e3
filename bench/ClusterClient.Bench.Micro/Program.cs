// Micro-benchmarks of the parts that every command passes through; short runs unless the arguments ask for more.
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;

// --job medium or --job long for figures to be published; --filter '*Reply*' for some of them.
bool choosesJob = args.Any(argument => argument is "--job" or "-j");
ManualConfig config = ManualConfig.Create(DefaultConfig.Instance).AddDiagnoser(MemoryDiagnoser.Default);
if (!choosesJob) config.AddJob(Job.ShortRun);

string[] arguments = args.Length == 0 ? ["--filter", "*"] : args;
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(arguments, config);
