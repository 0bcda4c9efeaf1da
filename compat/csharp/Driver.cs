// Runs a program and exits at once: `mono Driver.exe PROGRAM`. Mono sometimes takes most of a minute to end its
// threads.

using System;
using System.Reflection;
using System.Runtime.InteropServices;

class Driver
{
    [DllImport("libc")]
    static extern void _exit(int code);

    static void Main(string[] words)
    {
        Assembly.LoadFrom(words[0]).EntryPoint.Invoke(null, new object[] { new string[0] });
        Console.Out.Flush();
        _exit(0);
    }
}
