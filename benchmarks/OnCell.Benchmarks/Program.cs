return await OnCell.Benchmarks.BenchmarkProgram.RunAsync(args);
