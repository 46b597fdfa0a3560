Console.WriteLine("oncell-guest");
