using Xunit.Sdk;
using Xunit.v3;

// Each test is a service with sandboxes, some with a language model: side by side they would take each other's time, and that of
// the projects tested beside this one.
[assembly: Parallelization(Mode = ParallelMode.None)]
